package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// illTexts has the contents of ill-formed JSON strings, which decode to U+FFFD
// or similar.
var illTexts = []string{
	"\xff", "\xc3", "a\xe2\x82b", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf",
	`\ud800`, `\udfff`, `\uDBFF`, `a\ud83db`, `\ud83d\ud83d`, `\ude00\ud83d`, `\ud83d\n`, `\ud83d\u0041`, `\ud83d\\ude00`,
	`\\\ud800`, `\ud83d\ude00\ud83d`, `\ud83dx\ude00`,
}

// wellTexts has well-formed contents, some of them borderline.
var wellTexts = []string{
	"", "ada", "é😀", "\ufffd", `\ufffd`, `\\ud800`, `\\\\udfff`, `\ud83d\ude00`, `\uD83D\uDE00`, `\u00e9\n\"`, `\uffff\ue000\ud7ff`, `\/\\`,
}

func TestWellFormed(t *testing.T) {
	t.Parallel()
	for want, texts := range map[bool][]string{true: wellTexts, false: illTexts} {
		for _, text := range texts {
			for _, around := range []string{`"%"`, `{"a":["b","%"]}`, `{"%":1}`, `["%","c"]`} {
				body := []byte(strings.ReplaceAll(around, "%", text))
				if !json.Valid(body) {
					t.Fatalf("%q is no JSON", body)
				}
				if got := WellFormed(body); got != want || got != keepsTexts(body) {
					t.Errorf("%q is well formed: %v, want %v", body, got, want)
				}
			}
		}
	}
	for _, cut := range []string{`"\`, `"\u`, `"\ud8`, `"\ud800`, `"\ud83d\`, `"\ud83d\u`, `"\ud83d\ude0`, `\`} {
		WellFormed([]byte(cut)) // whatever it returns
	}
}

// keepsTexts computes the same in another way: whether a decoder replaces
// something with U+FFFD.
func keepsTexts(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return true
		}
		text, ok := token.(string)
		if !ok {
			continue
		}
		// What was read since the token before ends with this one.
		raw := body[:d.InputOffset()]
		raw = raw[startOfText(raw):]
		literal := bytes.Count(raw, []byte("\ufffd"))
		if escapes := strings.Count(strings.ToLower(strings.ReplaceAll(string(raw), `\\`, "")), `\ufffd`); strings.Count(text, "\ufffd") != literal+escapes {
			return false
		}
	}
}

// startOfText returns where the JSON string begins that ends at the end of raw.
func startOfText(raw []byte) int {
	for i := len(raw) - 2; i >= 0; i-- {
		before := raw[:i]
		if raw[i] == '"' && (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return i
		}
	}
	return 0
}

// TestIllFormedFrames puts ill-formed texts into every field of every frame:
// the error names the field.
func TestIllFormedFrames(t *testing.T) {
	t.Parallel()
	frames := map[string]string{ // the field, and the frame with % in it
		"clientId":          `{"action":"ping","clientId":"%"}`,
		"action":            `{"action":"%"}`,
		"roomId":            `{"action":"join","roomId":"%","clientId":"x"}`,
		"epoch":             `{"action":"join","roomId":"lobby","since":1,"epoch":"%","clientId":"x"}`,
		"message":           `{"action":"sendMessage","roomId":"lobby","message":"%","clientId":"x"}`,
		"userId":            `{"action":"notify","userId":"%","notification":1,"clientId":"x"}`,
		"userIds[1]":        `{"action":"notify","userIds":["ada","%"],"notification":1,"clientId":"x"}`,
		"notification":      `{"action":"notify","userId":"ada","notification":"%","clientId":"x"}`,
		"notification.a[0]": `{"action":"notify","userId":"ada","notification":{"a":["%"]},"clientId":"x"}`,
		"notification.b":    `{"action":"notify","userId":"ada","notification":{"a":1,"b":{"%":2}},"clientId":"x"}`,
		"color":             `{"action":"cursorMove","position":{"x":1,"y":2},"color":"%","clientId":"x"}`,
		"position.z":        `{"action":"cursorMove","position":{"x":1,"y":2,"z":"%"},"clientId":"x"}`,
		"rooms[1].roomId":   `{"action":"ping","rooms":[{"roomId":"a","seq":1},{"roomId":"%","seq":1}],"clientId":"x"}`,
		"since":             `{"action":"inbox","since":"%","clientId":"x"}`,
		"ids[0]":            `{"action":"ackNotification","ids":["%"],"clientId":"x"}`,
		"token":             `{"action":"refresh","token":"%","clientId":"x"}`,
		"unknown":           `{"action":"leave","roomId":"a","unknown":"%","clientId":"x"}`,
	}
	for field, frame := range frames {
		for _, text := range illTexts {
			body := strings.Replace(frame, "%", text, 1)
			wantClient := "x"
			if field == "clientId" || field == "action" {
				wantClient = ""
			}
			var e *Error
			_, err := decodeAny([]byte(body))
			if !errors.As(err, &e) || e.Code != CodeBadField || !strings.HasPrefix(e.Message, field+": must be well-formed Unicode") || e.ClientID != wantClient {
				t.Errorf("%q: got %+v, want a bad_field that names %s", body, err, field)
			}
		}
	}
	// The error stays short, whatever the field is called.
	long := `{"` + strings.Repeat("é", 8<<10) + `":{"` + strings.Repeat("n", 8<<10) + `":"\ud800"},"action":"ping"}`
	if _, err := decodeAny([]byte(long)); err == nil || len(err.Error()) > 500 {
		t.Errorf("a long name: got an error of %d bytes", len(err.Error()))
	}
	for _, body := range []string{
		`{"action":"join","roomId":"a","\ud800":1}`,
		`{"action":"join","roomId":"\ud800","roomId":"a"}`, // of a name that is there twice the last counts
	} {
		var e *Error
		if _, err := decodeAny([]byte(body)); !errors.As(err, &e) || e.Code != CodeBadFrame {
			t.Errorf("%s: got %v, want bad_frame", body, err)
		}
	}
	for _, text := range wellTexts[1:] {
		body := `{"action":"sendMessage","roomId":"lobby","message":"` + text + `"}`
		if _, err := decodeAny([]byte(body)); err != nil {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// FuzzUnicode decodes any input: an accepted frame has no text that a decoder
// changed.
func FuzzUnicode(f *testing.F) {
	for _, text := range append(illTexts, wellTexts...) {
		f.Add([]byte(`{"action":"join","roomId":"` + text + `","clientId":"` + text + `"}`))
		f.Add([]byte(`{"action":"notify","userIds":["` + text + `"],"notification":{"` + text + `":["` + text + `"]}}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		well := WellFormed(body)
		if json.Valid(body) && well != (utf8.Valid(body) && keepsTexts(body)) {
			t.Errorf("%q is well formed: %v", body, well)
		}
		if _, err := decodeAny(body); err == nil && !well {
			t.Errorf("accepted %q", body)
		}
	})
}

func BenchmarkDecodeSendMessage(b *testing.B) {
	body := []byte(`{"action":"sendMessage","roomId":"lobby","clientId":"c1","message":"` + strings.Repeat("a sentence, ", 1000) + `"}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := DecodeSendMessage(body); err != nil {
			b.Fatal(err)
		}
	}
}
