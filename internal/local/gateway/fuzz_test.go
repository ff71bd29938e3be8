package gateway

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// FuzzRouteSelection checks that no expression and no message make route selection
// panic, and that JSON, and nothing else, yields a key.
func FuzzRouteSelection(f *testing.F) {
	for _, expression := range []string{
		"$request.body.action", "${request.body.a}/${request.body['b'][0]}", `\$default`, "$request.body", "${", "$request.body[", "a}b",
	} {
		for _, message := range []string{`{"action":"join"}`, `{"a":{"b":[1,null]}}`, `[[["x"]]]`, "join", `"\ud800"`, "{} {}", "\xff"} {
			f.Add(expression, []byte(message))
		}
	}
	f.Fuzz(func(t *testing.T, expression string, message []byte) {
		sel, err := parseSelection(expression)
		if err != nil {
			return
		}
		key, ok := sel.key(message)
		if again, okAgain := sel.key(message); again != key || okAgain != ok {
			t.Errorf("key %q, %v, then %q, %v", key, ok, again, okAgain)
		}
		if !ok && key != "" {
			t.Errorf("key %q of invalid JSON", key)
		}
	})
}

// FuzzFrameReader checks that the reader, for any input, respects the quotas,
// returns only text and valid control frames, and ends with an ending that can be
// sent.
func FuzzFrameReader(f *testing.F) {
	f.Add(masked(ws.OpText, true, []byte("hello")))
	f.Add(join(masked(ws.OpText, false, []byte("a")), masked(ws.OpPing, true, []byte("p")), masked(ws.OpContinuation, true, []byte("b"))))
	f.Add(masked(ws.OpClose, true, ws.NewCloseFrameBody(1000, "bye")))
	f.Add(masked(ws.OpBinary, true, []byte{0}))
	f.Add(masked(ws.OpText, true, []byte("\xff")))
	f.Add(masked(ws.OpText, true, make([]byte, maxFrame+1))[:64])
	f.Add([]byte{0x81, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0})
	f.Add([]byte{0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := newFrameReader(bytes.NewReader(stream))
		for {
			op, payload, err := r.next()
			if err != nil {
				checkFuzzedEnding(t, err)
				r.awaitClose()
				return
			}
			switch {
			case op == ws.OpText && utf8.Valid(payload) && len(payload) <= maxMessage:
			case op.IsControl() && len(payload) <= ws.MaxControlFramePayloadSize:
				if op == ws.OpClose {
					checkFuzzedEnding(t, parseClose(payload))
				}
			default:
				t.Fatalf("opcode %d with %d bytes", op, len(payload))
			}
		}
	})
}

// checkFuzzedEnding checks an error of the frame reader.
func checkFuzzedEnding(t *testing.T, err error) {
	t.Helper()
	var e ending
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
	case !errors.As(err, &e):
		t.Errorf("error %v", err)
	case e.code != statusNone && ws.CheckCloseFrameData(e.code, e.reason) != nil:
		t.Errorf("ending %d %q cannot be sent", e.code, e.reason)
	case len(e.frame()) > 2+ws.MaxControlFramePayloadSize:
		t.Errorf("ending %d %q makes a frame of %d bytes", e.code, e.reason, len(e.frame()))
	}
}
