package roomcastclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

func number(v any) float64 {
	switch n := v.(type) {
	case json.Number:
		f, _ := n.Float64()
		return f
	case float64:
		return n
	}
	return 0
}

func texts(v any) (list []string) {
	items, _ := v.([]any)
	for _, item := range items {
		list = append(list, item.(string))
	}
	return list
}

// expand returns the value for which an element of the table stands. index is its
// index in the list around it.
func expand(value any, index int) any {
	switch v := value.(type) {
	case string:
		return strings.ReplaceAll(v, "#", fmt.Sprint(index))
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = expand(item, i)
		}
		return list
	case map[string]any:
		times := int(number(v["$times"]))
		if text, ok := v["$repeat"].(string); ok {
			then, _ := v["$then"].(string)
			return strings.Repeat(text, times) + expand(then, index).(string)
		}
		if item, ok := v["$list"]; ok {
			list := make([]any, times)
			for i := range list {
				list[i] = expand(item, i)
			}
			return list
		}
		if depth, ok := v["$nest"]; ok {
			var nested any = []any{}
			for range int(number(depth)) - 1 {
				nested = []any{nested}
			}
			return nested
		}
		if octets, ok := v["$bytes"].([]any); ok {
			var text []byte
			for _, octet := range octets {
				text = append(text, byte(number(octet)))
			}
			return string(text)
		}
		if name, ok := v["$go"].(string); ok {
			odd, known := oddities[name]
			if !known {
				panic(fmt.Sprintf("the table names an unknown Go value %q", name))
			}
			return odd
		}
		object := make(map[string]any, len(v))
		for name, field := range v {
			object[name] = expand(field, index)
		}
		return object
	}
	return value
}

// oddities are the values that only Go has, by their names in the table.
var oddities = map[string]any{
	"NaN":                     math.NaN(),
	"Inf":                     math.Inf(1),
	"infinite number":         math.Inf(-1),
	"functions":               func() {},
	"channels":                map[string]any{"c": make(chan int)},
	"cycle":                   cycle(),
	"marshaler that fails":    badMarshaler{err: errors.New("no such value")},
	"marshaler that panics":   []any{badMarshaler{}},
	"raw JSON that is broken": json.RawMessage(`{"a":`),
	"text that is not UTF-8":  map[string]any{"list": []string{"a\xffb"}},
}

func cycle() any {
	v := map[string]any{}
	v["self"] = []any{v}
	return v
}

// badMarshaler has a method that fails, or panics if err is nil.
type badMarshaler struct{ err error }

func (b badMarshaler) MarshalJSON() ([]byte, error) {
	if b.err == nil {
		panic("cannot be encoded")
	}
	return nil, b.err
}
