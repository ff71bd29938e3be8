package plan

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	var into struct {
		Number, Text Integer
		On, Off      Bool
		Values       map[string]Scalar
		Object       document
		Written      document
	}
	ignored, err := decode(map[string]any{
		"Number":  json.Number("10"),
		"Text":    "20",
		"On":      "true",
		"Off":     false,
		"Values":  map[string]any{"a": "x", "b": json.Number("1.50"), "c": true},
		"Object":  map[string]any{"k": json.Number("1")},
		"Written": `{"k": 2}`,
		"Zebra":   1,
		"Apple":   1,
	}, &into)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Apple", "Zebra"}; !slices.Equal(ignored, want) {
		t.Errorf("ignored are %v, want %v", ignored, want)
	}
	if into.Number != 10 || into.Text != 20 || !bool(into.On) || bool(into.Off) {
		t.Errorf("decoded %+v", into)
	}
	if v := into.Values; v["a"] != "x" || v["b"] != "1.50" || v["c"] != "true" {
		t.Errorf("values are %v", v)
	}
	if into.Object != `{"k":1}` || into.Written != `{"k": 2}` {
		t.Errorf("documents are %s and %s", into.Object, into.Written)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"Number", 1.5, "invalid number 1.5: expected a whole number"},
		{"Number", []any{}, "invalid number []"},
		{"On", "maybe", `"maybe": expected true or false`},
		{"Values", map[string]any{"a": []any{}}, "invalid string []: expected a string"},
		{"Values", map[string]any{"a": nil}, "invalid string null"},
		{"Text", 1, "cannot unmarshal number"},
	}
	for _, test := range tests {
		var into struct {
			Number Integer
			On     Bool
			Values map[string]Scalar
			Text   string
		}
		_, err := decode(map[string]any{test.name: test.value}, &into)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %v: error is %v, want in it %q", test.name, test.value, err, test.want)
		}
	}
}
