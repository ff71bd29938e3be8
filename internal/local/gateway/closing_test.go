package gateway

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// dialTCP opens a TCP connection to the API.
func dialTCP(t testing.TB, api *testAPI) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(api.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(testTimeout)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// masked encodes a client's frame.
func masked(op ws.OpCode, fin bool, payload []byte) []byte {
	return ws.MustCompileFrame(ws.MaskFrame(ws.NewFrame(op, fin, payload)))
}

// readFrame reads a server's frame.
func readFrame(t testing.TB, r io.Reader) ws.Frame {
	t.Helper()
	h, err := ws.ReadHeader(r)
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(r, payload); err != nil {
		t.Fatal(err)
	}
	return ws.Frame{Header: h, Payload: payload}
}

// TestEndings lets a client send bytes, and checks the close frame it gets and
// the status and reason that $disconnect gets.
func TestEndings(t *testing.T) {
	t.Parallel()
	closeFrame := func(code ws.StatusCode, reason string) []byte {
		return masked(ws.OpClose, true, ws.NewCloseFrameBody(code, reason))
	}
	big := make([]byte, maxFrame)
	tests := []struct {
		name   string
		send   []byte
		want   ws.StatusCode // of the close frame; 0: the client hangs up instead
		code   int
		reason string
	}{
		{"normal", closeFrame(1000, "done"), 1000, 1000, "done"},
		{"tab closed", closeFrame(1001, ""), 1001, 1001, ""},
		{"application's own", closeFrame(4001, "bye"), 4001, 4001, "bye"},
		{"without status", masked(ws.OpClose, true, nil), 1005, 1005, "Client-side close frame status not set"},
		{"half a status", masked(ws.OpClose, true, []byte{3}), 1002, 1002, "close frame with half a status code"},
		{"reserved status", closeFrame(1005, ""), 1002, 1002, "status code is only application level"},
		{"reason not UTF-8", closeFrame(1000, "\xff"), 1007, 1007, "Invalid UTF-8"},
		{"hangs up", nil, 0, 1006, "Connection closed abnormally"},
		{"hangs up in a frame", masked(ws.OpText, true, []byte("hello"))[:8], 0, 1006, "Connection closed abnormally"},
		{"binary", masked(ws.OpBinary, true, []byte("x")), 1003, 1003, "Binary frames are not supported"},
		{"not UTF-8", masked(ws.OpText, true, []byte("\xff")), 1007, 1007, "Invalid UTF-8"},
		{"frame over 32 KB", masked(ws.OpText, true, make([]byte, maxFrame+1)), 1009, 1009, "Frame over 32 KB"},
		{"fragments over 128 KB", join(
			masked(ws.OpText, false, big), masked(ws.OpContinuation, false, big), masked(ws.OpContinuation, false, big),
			masked(ws.OpContinuation, false, big), masked(ws.OpContinuation, true, []byte("x")),
		), 1009, 1009, "Message over 128 KB"},
		{"unmasked", ws.MustCompileFrame(ws.NewTextFrame([]byte("x"))), 1002, 1002, "frames from client to server must be masked"},
		{"reserved bit", join([]byte{0xC1}, masked(ws.OpText, true, nil)[1:]), 1002, 1002, "non-zero rsv bits with no extension negotiated"},
		{"reserved opcode", masked(3, true, nil), 1002, 1002, "use of reserved op code"},
		{"continuation of nothing", masked(ws.OpContinuation, true, nil), 1002, 1002, "unexpected continuation data frame"},
		{"message within a message", join(masked(ws.OpText, false, nil), masked(ws.OpText, true, nil)), 1002, 1002, "unexpected non-continuation data frame"},
		{"long ping", masked(ws.OpPing, true, make([]byte, 126)), 1002, 1002, "control frame payload limit exceeded"},
		{"length of 2^63", []byte{0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 1002, 1002, "header error: the most significant bit must be 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, Route{Key: "$default"})
			conn := api.connectRaw(t)
			if _, err := conn.Write(tt.send); err != nil {
				t.Fatal(err)
			}
			if tt.want == 0 {
				conn.Close()
			} else {
				checkCloseFrame(t, conn, tt.want)
				if _, err := conn.Write(closeFrame(1000, "")); err != nil && !errors.Is(err, net.ErrClosed) {
					t.Logf("answer to the close frame: %v", err)
				}
			}
			rc := contextOf(t, receive(t, api.disconnected))
			if *rc.DisconnectStatusCode != tt.code || *rc.DisconnectReason != tt.reason {
				t.Errorf("$disconnect got %d %q, want %d %q", *rc.DisconnectStatusCode, *rc.DisconnectReason, tt.code, tt.reason)
			}
		})
	}
}

func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// checkCloseFrame checks a close frame; 1005 means one without a status.
func checkCloseFrame(t *testing.T, r io.Reader, want ws.StatusCode) {
	t.Helper()
	f := readFrame(t, r)
	got := ws.StatusCode(1005)
	if len(f.Payload) >= 2 {
		got = ws.StatusCode(binary.BigEndian.Uint16(f.Payload))
	}
	if f.Header.OpCode != ws.OpClose || got != want {
		t.Errorf("frame %v with status %d, want a close frame with %d", f.Header, got, want)
	}
}

// The close frame arrives even when the client is in the middle of sending much.
func TestCloseFrameSurvivesUnreadData(t *testing.T) {
	t.Parallel()
	api := start(t, Route{Key: "$default"})
	c := api.connect(t)
	if err := c.Write(timeout(t), websocket.MessageText, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if code, _ := readClose(t, c); code != websocket.StatusMessageTooBig {
		t.Errorf("closed with %d, want 1009", code)
	}
}

func TestFragmentsAndControlFramesBetween(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	api := start(t, Route{Key: "$default", Target: records(seen)})
	conn := api.connectRaw(t)
	euro := []byte("€") // split within a character
	send := join(
		masked(ws.OpText, false, euro[:1]),
		masked(ws.OpPing, true, []byte("p")),
		masked(ws.OpContinuation, false, nil),
		masked(ws.OpPong, true, nil),
		masked(ws.OpContinuation, true, euro[1:]),
	)
	if _, err := conn.Write(send); err != nil {
		t.Fatal(err)
	}
	if f := readFrame(t, conn); f.Header.OpCode != ws.OpPong || string(f.Payload) != "p" {
		t.Errorf("got %v %q, want the pong", f.Header, f.Payload)
	}
	if event := receive(t, seen); !strings.Contains(event, `"body":"€"`) {
		t.Errorf("event %s", event)
	}
}

func TestMessageOfExactlyTheLimits(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	api := start(t, Route{Key: "$default", Target: records(seen)})
	conn := api.connectRaw(t)
	frame := []byte(strings.Repeat("x", maxFrame))
	send := join(masked(ws.OpText, false, frame), masked(ws.OpContinuation, false, frame),
		masked(ws.OpContinuation, false, frame), masked(ws.OpContinuation, true, frame))
	if _, err := conn.Write(send); err != nil {
		t.Fatal(err)
	}
	if event := receive(t, seen); strings.Count(event, "x") < maxMessage {
		t.Errorf("the event has %d characters", len(event))
	}
}

// A client that never answers a close frame is gone after closeTimeout.
func TestCloseOfASilentClient(t *testing.T) {
	t.Parallel()
	api := start(t)
	api.connectRaw(t)
	began := time.Now()
	response, _ := api.command(t, http.MethodDelete, api.onlyConnection(t).id, "")
	if response.StatusCode != http.StatusNoContent {
		t.Fatal(response.Status)
	}
	receive(t, api.disconnected)
	if took := time.Since(began); took < closeTimeout {
		t.Errorf("$disconnect ran after %v, before the client had its %v", took, closeTimeout)
	}
}
