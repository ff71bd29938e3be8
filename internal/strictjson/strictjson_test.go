package strictjson_test

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/roomcast/roomcast/internal/strictjson"
)

// ambiguous has texts that two readers may understand differently, by what is
// wrong with them.
var ambiguous = map[string]string{
	"empty":                       ``,
	"white space":                 "  ",
	"no object":                   `["a"]`,
	"a string":                    `"a"`,
	"null":                        `null`,
	"cut short":                   `{"a":1`,
	"a duplicate":                 `{"a":1,"a":2}`,
	"an escaped duplicate":        `{"a":1,"\u0061":2}`,
	"a duplicate inside":          `{"x":[{"a":1,"b":0,"a":1}]}`,
	"a second value":              `{"a":1}{"a":2}`,
	"text after it":               `{"a":1} x`,
	"a NUL after it":              "{\"a\":1}\x00",
	"a byte order mark":           "\ufeff{\"a\":1}",
	"invalid UTF-8":               "{\"a\":\"\xff\"}",
	"invalid UTF-8 in a name":     "{\"a\xff\":1}",
	"a lone surrogate":            `{"a":"\ud800"}`,
	"a lone surrogate in a name":  `{"\udc00":1}`,
	"single quotes":               `{'a':1}`,
	"a comment":                   `{"a":1/**/}`,
	"a trailing comma":            `{"a":1,}`,
	"NaN":                         `{"a":NaN}`,
	"a prototype":                 `{"__proto__":{"a":1}}`,
	"an escaped prototype inside": `{"x":{"\u005f_proto__":1}}`,
	"deep arrays":                 `{"a":` + strings.Repeat("[", 8) + strings.Repeat("]", 8) + `}`,
	"very deep arrays":            `{"a":` + strings.Repeat("[", 100_000),
	"deep objects":                strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9),
}

func TestCheckObject(t *testing.T) {
	t.Parallel()
	for name, text := range ambiguous {
		if err := strictjson.CheckObject([]byte(text), 8); err == nil {
			t.Errorf("%s: %q was accepted", name, text)
		} else if err == io.EOF {
			t.Errorf("%s: the error is a bare EOF", name)
		}
	}
	for _, text := range []string{
		`{}`, " {\"a\" : [1, {\"a\":\"__proto__\"}]}\n", `{"a":1,"A":2,"b":{"a":1}}`, `{"a":"\ud83d\ude00"}`,
		strings.Repeat(`{"a":`, 8) + "1" + strings.Repeat("}", 8),
	} {
		if err := strictjson.CheckObject([]byte(text), 8); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestUnmarshalMatchesNamesExactly(t *testing.T) {
	t.Parallel()
	type inner struct{ Name string }
	var got struct {
		Name  string
		Inner inner
		All   []inner
		By    map[string]inner
	}
	const text = `{"name":"x","NAME":"x","Inner":{"name":"x"},"inner":{"Name":"x"},"All":[{"nAme":"x"}],"By":{"name":{"ſame":"x"}}}`
	if err := strictjson.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "" || got.Inner.Name != "" || got.All[0].Name != "" || got.By["name"].Name != "" {
		t.Errorf("read %+v from other names", got)
	}
	for _, text := range []string{`{"Name":1}`, `{"Name":["x"]}`, `{"Inner":[]}`, `{"All":{}}`, `{"Name":"x","Name":"x"}`, `{"By":{"a":{},"a":{}}}`} {
		if err := strictjson.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
	if err := strictjson.UnmarshalKnown([]byte(`{"name":"x"}`), &got); err == nil {
		t.Error("an unknown member was accepted")
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	got, err := strictjson.Edit([]byte(`{"a":"x","b":{"x":[1.50,"x",null]},"c":12345678901234567890}`),
		func(place jsontext.Pointer, name bool, text string) string {
			if name && place == "/b/x" || place == "/b/x/1" {
				return "y"
			}
			return text
		})
	if want := `{"a":"x","b":{"y":[1.50,"y",null]},"c":12345678901234567890}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	// Two names that become the same are a duplicate.
	if got, err := strictjson.Edit([]byte(`{"a":1,"b":2}`), func(jsontext.Pointer, bool, string) string { return "a" }); err == nil {
		t.Errorf("a duplicate was written: %s", got)
	}
}

// FuzzCheckObject compares the package with the standard library's reader,
// which accepts more: accepted input reads the same in both.
func FuzzCheckObject(f *testing.F) {
	for _, text := range ambiguous {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"TableName":"a","tablename":"b","Key":{"pk":{"S":"x"}},"l":[1,2,{"a":null}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if strictjson.CheckObject(text, 64) != nil {
			return
		}
		var here, there map[string]any
		if err := strictjson.Unmarshal(text, &here); err != nil {
			return // such as a number that does not fit into a float64
		}
		if err := json.Unmarshal(text, &there); err != nil || !reflect.DeepEqual(here, there) {
			t.Errorf("%q reads as %v here, and as %v (%v) with encoding/json", text, here, there, err)
		}
		unchanged, err := strictjson.Edit(text, func(_ jsontext.Pointer, _ bool, text string) string { return text })
		var again map[string]any
		if err != nil || json.Unmarshal(unchanged, &again) != nil || !reflect.DeepEqual(again, there) {
			t.Errorf("Edit made %q of %q (%v)", unchanged, text, err)
		}
	})
}
