package permission

import "encoding/json"

// Encode returns the JSON of permissions. It fails for what Parse would not read
// again: permissions that are too large, or a pattern that is none.
func Encode(p Permissions) ([]byte, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	if _, err := Parse(data); err != nil {
		return nil, err
	}
	return data, nil
}
