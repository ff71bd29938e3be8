package permission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// fields are the names that objects of permissions have, spelled like that.
var fields = []string{"rooms", "join", "send", "history", "notify", "deny"}

// checkNames refuses a name that an object of the JSON has twice, or in another
// case than it should: of two denials the first must not go unheard. What is no
// JSON is not its business.
func checkNames(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var objects []map[string]bool // around the token, nil for a list
	name := false                 // the next text in an object is a name
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
