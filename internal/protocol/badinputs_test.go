package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// badInput is a case of the table of inputs that both clients refuse.
type badInput struct {
	Name  string         `json:"name"`
	Call  string         `json:"call"`
	Args  map[string]any `json:"args"`
	Code  Code           `json:"code"`
	Only  string         `json:"only"`  // the client that the case is for, "" for both
	Local bool           `json:"local"` // no frame can hold the value
}

// TestBadInputs checks the table of both clients: the server refuses the frame
// of each case with the code that the clients have to return.
func TestBadInputs(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../client/testdata/bad-inputs.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []badInput
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 250 {
		t.Fatalf("the table has %d cases, expected 250 or more", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if c.Local {
				// No frame can hold the value.
				if c.Code != CodeBadField && c.Code != CodeBadFrame {
					t.Errorf("code %q, expected one that blames the program", c.Code)
				}
				return
			}
			frame := map[string]any{"action": c.Call}
			for name, value := range c.Args {
				frame[name] = expand(value, 0)
			}
			if got := refusal(t, frame); got != c.Code {
				t.Errorf("the server answers %q, the table has %q", got, c.Code)
			}
		})
	}
}

// refusal returns the code with which the server refuses a frame: that of its
// decoder, or that of a frame so large that API Gateway closes the connection.
func refusal(t *testing.T, frame map[string]any) Code {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(frame); err != nil {
		t.Fatal(err)
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	_, err := decodeAny(body)
	if e, ok := err.(*Error); ok {
		return e.Code
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > MaxFrame {
		return CodeMessageTooLarge
	}
	return ""
}

// expand returns the value that an entry of the table stands for; index is its
// place in the enclosing list.
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
		if units, ok := v["$utf16"].([]any); ok {
			var escapes strings.Builder
			for _, unit := range units {
				fmt.Fprintf(&escapes, `\u%04x`, count(unit))
			}
			return json.RawMessage(`"` + escapes.String() + `"`)
		}
		if depth, ok := v["$nest"]; ok {
			var nested any = []any{}
			for range count(depth) - 1 {
				nested = []any{nested}
			}
			return nested
		}
		object := make(map[string]any, len(v))
		for name, field := range v {
			object[name] = expand(field, index)
		}
		return object
	}
	return value
}

func count(n any) int {
	i, err := n.(json.Number).Int64()
	if err != nil {
		panic(err)
	}
	return int(i)
}
