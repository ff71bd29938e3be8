package apigateway

import (
	"context"
	"io"
	"net"
	"testing"
	"time"
)

// mute is a socket whose other side answers 200 to everything.
type mute struct {
	net.Conn // no other method is called
	unread   string
	broken   error // of every write
}

func (m *mute) SetDeadline(time.Time) error { return nil }
func (m *mute) Close() error                { return nil }

func (m *mute) Write(b []byte) (int, error) {
	m.unread = "HTTP/1.1 200 OK\r\nDate: Wed, 04 Mar 2026 23:59:58 GMT\r\nContent-Type: application/json\r\nContent-Length: 0\r\n" +
		"Connection: keep-alive\r\nx-amzn-RequestId: 4d0d7d3c-0b3b-4e4e-8e0a-3a7d3a1f3e11\r\nx-amz-apigw-id: AbCdEfGhIjKlMnO=\r\n\r\n"
	return len(b), m.broken
}

func (m *mute) Read(b []byte) (int, error) {
	if m.unread == "" {
		return 0, io.EOF
	}
	n := copy(b, m.unread)
	m.unread = m.unread[n:]
	return n, nil
}

// An answer to a request that could not be written completely counts, and the socket
// is not used again.
func TestAnswerToHalfARequest(t *testing.T) {
	t.Parallel()
	p := NewPoster(config(), "https://example.com/prod")
	p.sockets.dial = func(context.Context) (*socket, error) {
		m := &mute{broken: io.ErrShortWrite}
		return &socket{conn: m, raw: m}, nil
	}
	if err := p.Post(t.Context(), "c1", frame); err != nil || len(p.sockets.idle) > 0 {
		t.Errorf("got %v, and keeps %d sockets", err, len(p.sockets.idle))
	}
}

// maxAllocs is how many allocations a post may make. It makes about 12, all of them
// in net/http's parser. The race detector drops some of the pooled memory. The SDK
// makes more than 300.
const maxAllocs = 25

func TestPostAllocatesLittle(t *testing.T) {
	p := NewPoster(config(), "https://example.com/prod")
	p.sockets.dial = func(context.Context) (*socket, error) { return &socket{conn: &mute{}, raw: &mute{}}, nil }
	ctx := t.Context()
	got := testing.AllocsPerRun(1000, func() {
		if err := p.Post(ctx, "R0oXAdfD0kwCH6w=", frame); err != nil {
			t.Fatal(err)
		}
	})
	if got > maxAllocs {
		t.Errorf("a post allocates %v times, want at most %d", got, maxAllocs)
	}
	t.Logf("%v allocations a post", got)
}
