package permission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// JSON returns permissions as JSON without HTML escapes, which take six bytes
// for a <.
func JSON(p Permissions) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(p) // strings can always be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Encode is like JSON, and fails for permissions that Parse would refuse: those
// that are too large, or have an invalid pattern.
func Encode(p Permissions) ([]byte, error) {
	for _, r := range []Rules{p.Rules, p.Deny} {
		for _, patterns := range []Patterns{r.Rooms, r.Join, r.Send, r.History, r.Notify} {
			for _, pattern := range patterns {
				if !utf8.ValidString(pattern) { // encoding/json would replace it
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
