package attacks_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestFramesThatAreTooMuch(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	eve := d.with(t, "eve", object{"rooms": []string{"*"}, "notify": []string{"*"}}, "roomId", "lobby")
	send := func(t *testing.T, text string) roomcasttest.Frame {
		t.Helper()
		eve.Write(websocket.MessageText, []byte(text))
		return eve.AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return f.Type() != "message" })
	}
	nested := func(levels int) string {
		return strings.Repeat(`{"a":`, levels) + "1" + strings.Repeat("}", levels)
	}
	for _, f := range []struct{ what, frame, code string }{
		{"a message of 16 KiB and a byte", `{"action":"sendMessage","message":"` + strings.Repeat("x", 16<<10+1) + `"}`, "message_too_large"},
		{"a notification of more than 16 KiB", `{"action":"notify","userId":"ada","notification":"` + strings.Repeat("x", 16<<10+1) + `"}`, "message_too_large"},
		{"33 levels of objects", `{"action":"sendMessage","message":"x","x":` + nested(32) + `}`, "bad_frame"},
		{"10,000 levels of lists, never closed", `{"action":"sendMessage","x":` + strings.Repeat("[", 10_000), "bad_frame"},
		{"5,000 levels of objects", `{"action":"sendMessage","x":` + nested(5000) + `}`, "bad_frame"},
		{"a notification of 40 levels", `{"action":"notify","userId":"ada","notification":` + nested(40) + `}`, "bad_frame"},
		{"JSON that is cut off", `{"action":"sendMessage","message":"x`, "bad_frame"},
		{"two objects in one frame", `{"action":"ping"}{"action":"ping"}`, "bad_frame"},
		{"an action that is an object", `{"action":{"$ne":null}}`, "bad_frame"},
		{"the action of API Gateway", `{"action":"$disconnect"}`, "unknown_action"},
		{"an action of JavaScript's", `{"action":"__proto__"}`, "unknown_action"},
		{"a number beyond numbers", `{"action":"join","roomId":"tea","since":1e999,"epoch":"x"}`, "bad_field"},
		{"a negative `since`", `{"action":"join","roomId":"tea","since":-1,"epoch":"x"}`, "bad_field"},
		{"a `since` beyond 2⁵³", `{"action":"history","roomId":"lobby","since":9007199254740993,"epoch":"x"}`, "bad_field"},
		{"a `limit` of a million", `{"action":"history","roomId":"lobby","limit":1000000}`, "bad_field"},
		{"101 users to notify", `{"action":"notify","userIds":[` + strings.TrimSuffix(strings.Repeat(`"u",`, 101), ",") + `],"notification":1}`, "bad_field"},
		{"101 rooms to ping", `{"action":"ping","rooms":[` + strings.TrimSuffix(strings.Repeat(`{"roomId":"r","seq":0},`, 101), ",") + `]}`, "bad_field"},
		{"101 notifications to acknowledge", `{"action":"ackNotification","ids":[` + strings.TrimSuffix(strings.Repeat(`"i",`, 101), ",") + `]}`, "bad_field"},
		{"a cursor at no number", `{"action":"cursorMove","position":{"x":1e999,"y":0}}`, "bad_field"},
		{"a color that is a style sheet", `{"action":"cursorMove","position":{"x":1,"y":0},"color":"red;background:url(//evil.example/` + strings.Repeat("x", 32) + `)"}`, "bad_field"},
		{"nothing but spaces", "   ", "bad_frame"},
	} {
		attempt(t, f.what, "`"+f.code+"`", func(t *testing.T) {
			if got := send(t, f.frame); got.Text("code") != f.code {
				t.Errorf("answered with %v", got)
			}
		})
	}
	for _, f := range []struct{ what, frame string }{
		{"an `action` that comes twice", `{"action":"ping","action":"sendMessage","message":"` + whisper + `"}`},
		{"half of a surrogate pair", `{"action":"sendMessage","message":"` + whisper + `\ud800"}`},
		{"names of JavaScript's objects", `{"action":"ping","__proto__":{"admin":true},"constructor":{"prototype":{}}}`},
	} {
		attempt(t, f.what, "one answer, and the connection goes on", func(t *testing.T) {
			if got := send(t, f.frame); got.Type() == "" {
				t.Errorf("API Gateway itself answered: %v", got)
			}
			taken(t, eve, object{"action": "ping"}, "pong")
		})
	}
	for _, f := range []struct {
		what  string
		bytes string
		codes []int
	}{
		{"a frame of more than 32 KiB", frame(final|textFrame, `{"action":"ping","x":"`+strings.Repeat("x", 32<<10)+`"}`), []int{1009}},
		{"a frame that claims 8 EiB", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", []int{1009, 1002}},
		{"a message of more than 128 KiB in small frames", frame(textFrame, "{") + strings.Repeat(frame(continued, strings.Repeat(" ", 16<<10)), 9), []int{1009}},
		{"a binary frame", frame(final|0x2, `{"action":"ping"}`), []int{1003}},
		{"text that is not UTF-8", frame(final|textFrame, "{\"action\":\"\xff\xfe\"}"), []int{1007}},
		{"a frame that is not masked", "\x81\x02{}", []int{1002}},
		{"a reserved opcode", frame(final|0x3, "{}"), []int{1002}},
		{"reserved bits", frame(final|0x40|textFrame, "{}"), []int{1002}},
		{"a ping of more than 125 bytes", frame(final|0x9, strings.Repeat("x", 126)), []int{1002}},
		{"a continuation of nothing", frame(final|continued, "{}"), []int{1002}},
	} {
		attempt(t, f.what, fmt.Sprintf("API Gateway: closed with %d", f.codes[0]), func(t *testing.T) {
			s := d.opened(t, "eve", "")
			if _, err := s.Write([]byte(f.bytes)); err != nil {
				t.Log(err) // closed before everything was written
			}
			if code := s.closeCode(); code != f.codes[0] && code != f.codes[len(f.codes)-1] {
				t.Errorf("closed with %d, want %v", code, f.codes)
			}
		})
	}
	attempt(t, "a request in 300 frames of a byte", "API Gateway: one message, answered once", func(t *testing.T) {
		s := d.opened(t, "eve", "")
		text := `{"action":"ping","clientId":"slow","x":"` + strings.Repeat("x", 260) + `"}`
		var frames strings.Builder
		for i := range len(text) {
			first := byte(continued)
			if i == 0 {
				first = textFrame
			}
			if i == len(text)-1 {
				first |= final
			}
			frames.WriteString(frame(first, text[i:i+1]))
		}
		s.write(t, frames.String())
		line := make([]byte, 18)
		if _, err := s.read.Read(line); err != nil || !strings.Contains(string(line), "pong") {
			t.Errorf("answered with %q, %v", line, err)
		}
	})
	attempt(t, "a message of 100 KiB in frames of 20 KiB", "`message_too_large`", func(t *testing.T) {
		s := d.opened(t, "eve", "")
		part := strings.Repeat("x", 20<<10)
		s.write(t, frame(textFrame, `{"action":"sendMessage","message":"`)+strings.Repeat(frame(continued, part), 5)+frame(final|continued, `"}`))
		line := make([]byte, 64)
		if _, err := s.read.Read(line); err != nil || !strings.Contains(string(line), "message_too_large") {
			t.Errorf("answered with %q, %v", line, err)
		}
	})
	if got := d.Items(t, connections, "ROOM#tea#0"); len(got) != 0 {
		t.Errorf("a refused join wrote %v", got)
	}
}
