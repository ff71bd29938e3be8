package roomcastclient

import (
	"bytes"
	"encoding/json"
	"maps"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
)

// FuzzCustomFrame puts any JSON into a request: the frame must have the action and
// the clientId of the client and the fields of the application, and nothing else.
func FuzzCustomFrame(f *testing.F) {
	for _, fields := range []string{
		`{}`, `{ }`, ` {"a":1} `, `{"a":{"action":"x"}}`, `{"Action":"x"}`, `{"clientid":1}`, `{"a":1,"a":2}`,
		`{"\u0061ction":"x"}`, `{"acti\u006fn":"x"}`, `null`, `[]`, `{"a":"\ud800"}`, "{\"\xff\":1}", `{"ACTİON":1}`, `{"ſ":1}`,
	} {
		f.Add("shout", `key "1"`, []byte(fields))
	}
	f.Fuzz(func(t *testing.T, action, key string, fields []byte) {
		if checkKey(key) != nil {
			return
		}
		object, err := encodeFields(action, json.RawMessage(fields))
		if err != nil {
			return
		}
		frame := customFrame(action, key, object)
		if protocol.CheckFrame(frame) != nil {
			return
		}
		var sent struct {
			Action, ClientID string
		}
		var got, want map[string]json.RawMessage
		if json.Unmarshal(frame, &sent) != nil || json.Unmarshal(frame, &got) != nil || json.Unmarshal(object, &want) != nil {
			t.Fatalf("invalid frame %s", frame)
		}
		if sent.Action != action || sent.ClientID != key {
			t.Errorf("%s has the action %q and the clientId %q, want %q and %q", frame, sent.Action, sent.ClientID, action, key)
		}
		delete(got, "action")
		delete(got, "clientId")
		if !maps.EqualFunc(got, want, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
			t.Errorf("%s has the fields %s, want %s", frame, got, want)
		}
	})
}
