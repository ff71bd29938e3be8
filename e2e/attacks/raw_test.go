package attacks_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

// socketTimeout bounds each wait for a raw socket.
const socketTimeout = 15 * time.Second

// The opcodes of frames.
const (
	continued = 0x0
	textFrame = 0x1
	final     = 0x80
)

// socket is a TCP connection to the API, for frames that no WebSocket client
// sends.
type socket struct {
	net.Conn
	read *bufio.Reader
	path string
}

// tcp opens one. It ends with the test.
func tcp(t testing.TB, stack *roomcasttest.Stack) *socket {
	t.Helper()
	address, err := url.Parse(stack.WebSocketURL())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(socketTimeout))
	return &socket{conn, bufio.NewReader(conn), address.Path}
}

// write writes text unchanged.
func (s *socket) write(t testing.TB, text string) {
	t.Helper()
	if _, err := s.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// handshake requests a socket, with a query and raw header lines, and returns
// the answer.
func (s *socket) handshake(t testing.TB, query, lines string) *http.Response {
	t.Helper()
	s.write(t, fmt.Sprintf("GET %s?%s HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n%s\r\n", s.path, query, lines))
	response, err := http.ReadResponse(s.read, nil)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// opened returns a socket of a user after its handshake.
func (d *target) opened(t testing.TB, user, more string) *socket {
	t.Helper()
	s := tcp(t, d.Stack)
	if r := s.handshake(t, "token="+d.token(t, user)+more, ""); r.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("status %d", r.StatusCode)
	}
	return s
}

// frame returns a client's frame: its first byte and the payload, masked with
// zeros, which leaves it unchanged.
func frame(first byte, payload string) string {
	head := []byte{first, 0x80}
	switch n := len(payload); {
	case n < 126:
		head[1] |= byte(n)
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head[:1], 0x80|126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head[:1], 0x80|127), uint64(n))
	}
	return string(head) + "\x00\x00\x00\x00" + payload
}

// closeCode reads until the server closes, and returns the code of its close
// frame, or 0 if there was none.
func (s *socket) closeCode() int {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(s.read, head); err != nil {
			return 0
		}
		length := int(head[1] & 0x7f)
		if length == 126 {
			extended := make([]byte, 2)
			if _, err := io.ReadFull(s.read, extended); err != nil {
				return 0
			}
			length = int(binary.BigEndian.Uint16(extended))
		}
		payload := make([]byte, length)
		if _, err := io.ReadFull(s.read, payload); err != nil {
			return 0
		}
		if head[0] == final|0x8 && length >= 2 {
			return int(binary.BigEndian.Uint16(payload))
		}
	}
}
