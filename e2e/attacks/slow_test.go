package attacks_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

func TestSlowSockets(t *testing.T) {
	t.Parallel()
	d := guarded(t, roomcasttest.WithEnvironment(settings.MessageRate, "0"), roomcasttest.WithEnvironment(settings.FrameRate, "0"))
	ada, bob := d.as(t, "ada", "roomId", "lobby"), d.as(t, "bob", "roomId", "lobby")
	// talk lets ada talk to bob while other sockets are open.
	talk := func(t *testing.T, times int, text string) {
		t.Helper()
		for range times {
			taken(t, ada, object{"action": "sendMessage", "message": text}, "ack")
			bob.Await("message")
		}
	}
	requests := func() int64 { return d.Usage().Lambda.Requests }

	attempt(t, "100 handshakes that never end", "API Gateway: no function runs, and others go on", func(t *testing.T) {
		before := requests()
		for range 100 {
			tcp(t, d.Stack).write(t, "GET / HTTP/1.1\r\nHost: chat.example\r\nX-Slow: ")
		}
		if n := requests() - before; n != 0 {
			t.Errorf("functions ran %d times", n)
		}
		talk(t, 3, whisper)
	})
	attempt(t, "100 sockets that send nothing", "API Gateway: no function runs, and others go on", func(t *testing.T) {
		before := requests()
		for range 100 {
			tcp(t, d.Stack)
		}
		if n := requests() - before; n != 0 {
			t.Errorf("functions ran %d times", n)
		}
		talk(t, 3, whisper)
	})
	attempt(t, "20 frames that never end", "API Gateway: no function runs, and others go on", func(t *testing.T) {
		var slow []*socket
		for i := range 20 {
			slow = append(slow, d.opened(t, fmt.Sprint("eve", i), ""))
		}
		before := requests()
		for _, s := range slow {
			s.write(t, frame(textFrame, `{"action":"sendMessage","message":"`)+frame(continued, strings.Repeat("x", 16<<10)))
		}
		if n := requests() - before; n != 0 {
			t.Errorf("functions ran %d times", n)
		}
		talk(t, 3, whisper)
	})
	attempt(t, "a member that never reads, in a room of 1 MB of messages", "every other member gets every message", func(t *testing.T) {
		deaf := d.opened(t, "eve", "&roomId=lobby")
		_ = deaf.Conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		talk(t, 64, whisper+strings.Repeat("x", 16<<10-len(whisper)))
	})
}
