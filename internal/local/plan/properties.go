package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
)

// decode reads resolved properties into a struct with fields of the same names. It
// returns the sorted names of the properties without a field: those are not
// emulated.
func decode(properties map[string]any, into any) (ignored []string, err error) {
	data, err := json.Marshal(properties)
	if err != nil {
		return nil, fmt.Errorf("invalid properties: %w", err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return nil, fmt.Errorf("invalid properties: %w", err)
	}
	spec := reflect.TypeOf(into).Elem()
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if _, ok := spec.FieldByName(name); !ok {
			ignored = append(ignored, name)
		}
	}
	return ignored, nil
}

// eachText returns a resolved value after applying change to every string in it. It
// stops at the first error.
func eachText(value any, change func(string) (string, error)) (any, error) {
	switch value := value.(type) {
	case string:
		return change(value)
	case []any:
		list := slices.Clone(value)
		for i := range list {
			var err error
			if list[i], err = eachText(list[i], change); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, item := range value {
			var err error
			if object[name], err = eachText(item, change); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return value, nil
}

// Integer is a number that a template may also write as a string. Fn::Sub and most
// parameters yield strings.
type Integer int

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Integer) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(string(bytes.Trim(data, `"`)), 64)
	if err != nil || value != float64(int(value)) {
		return fmt.Errorf("invalid number %s: expected a whole number", data)
	}
	*n = Integer(value)
	return nil
}

// Bool is a boolean that a template may also write as a string.
type Bool bool

// UnmarshalJSON implements [json.Unmarshaler].
func (f *Bool) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseBool(string(bytes.Trim(data, `"`)))
	if err != nil {
		return fmt.Errorf("invalid boolean %s: expected true or false", data)
	}
	*f = Bool(value)
	return nil
}

// Scalar is a string that a template may also write as a number or boolean.
type Scalar string

// UnmarshalJSON implements [json.Unmarshaler].
func (s *Scalar) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '{', '[', 'n':
		return fmt.Errorf("invalid string %s: expected a string, a number or a boolean", data)
	case '"':
		return json.Unmarshal(data, (*string)(s))
	}
	*s = Scalar(data)
	return nil
}

// document is JSON that a template may write as an object or as a string.
type document string

func (d *document) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*d = document(text)
		return nil
	}
	*d = document(data)
	return nil
}
