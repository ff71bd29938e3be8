package permission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// JSON returns the JSON of permissions, with texts as they are: what encoding/json
// writes of a < on its own takes six times as much room.
func JSON(p Permissions) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(p) // texts can always be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Encode is JSON, and fails for what Parse would not read again: permissions that
// are too large, or a pattern that is none.
func Encode(p Permissions) ([]byte, error) {
	for _, r := range []Rules{p.Rules, p.Deny} {
		for _, patterns := range []Patterns{r.Rooms, r.Join, r.Send, r.History, r.Notify} {
			for _, pattern := range patterns {
				if !utf8.ValidString(pattern) { // which encoding/json would replace
					return nil, illFormed(fmt.Sprintf("the pattern %.20q", pattern))
				}
			}
		}
	}
	data := JSON(p)
	if _, err := Parse(data); err != nil {
		return nil, err
	}
	return data, nil
}
