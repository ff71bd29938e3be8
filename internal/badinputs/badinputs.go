// Package badinputs reads the table of inputs that both clients refuse, for the
// tests of everything that refuses them. client/testdata/README.md explains the
// table.
package badinputs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// Case is one call that is refused.
type Case struct {
	Name  string         `json:"name"`
	Call  string         `json:"call"`  // the action
	Args  map[string]any `json:"args"`  // the fields of the frame; see Values
	Code  string         `json:"code"`  // the code of the refusal
	Only  string         `json:"only"`  // "ts", "go" or "server"; "" for all
	Local bool           `json:"local"` // no frame can hold the value
}

// Read returns the cases of the table in a file.
func Read(t *testing.T, file string) []Case {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []Case
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 250 {
		t.Fatalf("the table has %d cases, expected 250 or more", len(cases))
	}
	return cases
}

// Values returns the arguments that the case stands for. It panics if the table
// has an element that it does not know.
func (c Case) Values() map[string]any {
	values := make(map[string]any, len(c.Args))
	for name, value := range c.Args {
		values[name] = expand(value, 0)
	}
	return values
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
		return expandObject(v, index)
	}
	return value
}

func expandObject(v map[string]any, index int) any {
	if text, ok := v["$repeat"].(string); ok {
		then, _ := v["$then"].(string)
		return strings.Repeat(text, count(v["$times"])) + expand(then, index).(string)
	}
	if item, ok := v["$list"]; ok {
		list := make([]any, count(v["$times"]))
		for i := range list {
			list[i] = expand(item, i)
		}
		return list
	}
	if depth, ok := v["$nest"]; ok {
		var nested any = []any{}
		for range count(depth) - 1 {
			nested = []any{nested}
		}
		return nested
	}
	if units, ok := v["$utf16"].([]any); ok {
		var escapes strings.Builder
		for _, unit := range units {
			fmt.Fprintf(&escapes, `\u%04x`, count(unit))
		}
		return json.RawMessage(`"` + escapes.String() + `"`)
	}
	if octets, ok := v["$bytes"].([]any); ok {
		var text []byte
		for _, octet := range octets {
			text = append(text, byte(count(octet)))
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

func count(n any) int {
	i, err := n.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return int(i)
}

// oddities are the values that only Go has, by their names in the table.
var oddities = map[string]any{
	"NaN":                     math.NaN(),
	"Inf":                     math.Inf(1),
	"infinite number":         math.Inf(-1),
	"functions":               func() {},
	"channels":                map[string]any{"c": make(chan int)},
	"cycle":                   cycle(),
	"marshaler that fails":    BadMarshaler{Err: errors.New("no such value")},
	"marshaler that panics":   []any{BadMarshaler{}},
	"raw JSON that is broken": json.RawMessage(`{"a":`),
	"text that is not UTF-8":  map[string]any{"list": []string{"a\xffb"}},
}

func cycle() any {
	v := map[string]any{}
	v["self"] = []any{v}
	return v
}

// BadMarshaler has a method that fails with Err, or panics if Err is nil.
type BadMarshaler struct{ Err error }

// MarshalJSON fails or panics.
func (b BadMarshaler) MarshalJSON() ([]byte, error) {
	if b.Err == nil {
		panic("cannot be encoded")
	}
	return nil, b.Err
}
