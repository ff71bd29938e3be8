package roomcastclient_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// FuzzFrames sends any bytes to a client that is in a room: the client must survive
// them, and still be able to send.
func FuzzFrames(f *testing.F) {
	for _, frame := range []string{
		`{"type":"message","roomId":"lobby","seq":1,"id":"m","userId":"bob","message":"hi","timestamp":1}`,
		`{"type":"message","roomId":"lobby","seq":9223372036854775807,"id":"m"}`,
		`{"type":"message","roomId":"attic","seq":-1}`,
		`{"type":"batch","frames":[{"type":"message","roomId":"lobby","seq":2},{"type":"batch","frames":[]},7]}`,
		`{"type":"joined","roomId":"lobby","clientId":"x","seq":3,"epoch":"e","messages":[{"seq":3}]}`,
		`{"type":"pong","rooms":[{"roomId":"lobby","member":false}]}`,
		`{"type":"notification","id":"n","from":"bob","notification":{},"timestamp":1}`,
		`{"type":"cursor","roomId":"lobby","userId":"bob","position":{"x":1e308,"y":-0},"timestamp":-1}`,
		`{"type":"error","code":"token_expired","message":"","retryAfterMs":-1}`,
		`{"type":"error","code":"bad_frame","message":"clientId: none"}`,
		`{"type":"refreshed","left":["lobby"],"expiresAt":1}`,
		`{"message":"Internal server error","connectionId":"c=","requestId":"r="}`,
		`{"type":7}`, `[]`, `null`, `"`, "\xff", "", `{"type":"other","clientId":"x","seq":"text"}`,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		inBubbleSerial(t, func(t *testing.T, s *server) {
			u := connect(t, s, func(o *roomcastclient.Options) {
				o.OnNotification = func(roomcastclient.Notification) {}
				o.OnFrame = func(roomcastclient.Frame) {}
			})
			u.join("lobby")
			u.Room("lobby").OnCursor(func(c roomcastclient.Cursor) { _, _ = c.Position.MarshalJSON() })
			s.locked(func() { s.peers[0].postRaw(string(frame)) })
			synctest.Wait()
			sleep(time.Minute)
			u.send("lobby", "still here")
		})
	})
}
