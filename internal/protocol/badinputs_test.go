package protocol

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/roomcast/roomcast/internal/badinputs"
)

// TestBadInputs checks the table of both clients: the server refuses the frame
// of each case with the code that the clients have to return.
func TestBadInputs(t *testing.T) {
	t.Parallel()
	for _, c := range badinputs.Read(t, "../../client/testdata/bad-inputs.json") {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			want := Code(c.Code)
			if c.Local {
				// No frame can hold the value.
				if want != CodeBadField && want != CodeBadFrame {
					t.Errorf("code %q, expected one that blames the program", want)
				}
				return
			}
			frame := c.Values()
			frame["action"] = c.Call
			if got := refusal(t, frame); got != want {
				t.Errorf("the server answers %q, the table has %q", got, want)
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
