package realtime_test

import "testing"

func TestPing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wantFrame(w.do("ping", "c1", `{"action":"ping"}`), `{"type":"pong","timestamp":1790000000123}`)
	w.wantFrame(w.do("ping", "c1", `{"action":"ping","clientId":"x"}`), `{"type":"pong","clientId":"x","timestamp":1790000000123}`)
	w.wantFrame(w.do("ping", "c1", `{"action":"ping","clientId":7}`),
		`{"type":"error","code":"bad_field","message":"clientId: must be a string, got the number 7"}`)
}

func TestFallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wantFrame(w.do("$default", "c1", `hello`),
		`{"type":"error","code":"bad_frame","message":"the frame must be a JSON object such as {\"action\":\"ping\"}"}`)
	w.wantFrame(w.do("$default", "c1", `{"action":"typing","clientId":"x"}`),
		`{"type":"error","code":"unknown_action","message":"no action \"typing\", there are: sendMessage, join, leave, cursorMove, notify, presence, ping","clientId":"x"}`)
}
