package permission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// fields are the member names of permissions, in this case.
var fields = []string{"rooms", "join", "send", "history", "notify", "deny"}

// checkNames refuses a duplicate name, and one in another case: with two
// denials, the first must not be ignored. It ignores invalid JSON.
func checkNames(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var objects []map[string]bool // that enclose the token, nil for a list
	name := false                 // the next string in an object is a name
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{':
				objects = append(objects, map[string]bool{})
			case '[':
				objects = append(objects, nil)
			default:
				objects = objects[:len(objects)-1]
			}
		case string:
			if name {
				seen := objects[len(objects)-1]
				if seen[token] || !slices.Contains(fields, token) {
					return fmt.Errorf("permissions: the field %.20q is unknown, or there twice", token)
				}
				seen[token], name = true, false
				continue
			}
		}
		name = len(objects) > 0 && objects[len(objects)-1] != nil
	}
}
