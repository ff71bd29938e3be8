package chaos

import (
	"io"
	"net"
	"testing"
	"time"
)

// pair returns a line of a network and its other end.
func pair(t *testing.T, n *network) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c
		}
	}()
	near, err = n.dial(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far = <-accepted
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

func TestCut(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	near, far := pair(t, n)
	pair(t, n)
	if got := n.cut(false); got != 2 {
		t.Errorf("%d lines were cut, want 2", got)
	}
	if got := n.cut(false); got != 0 {
		t.Errorf("%d lines were cut again", got)
	}
	for _, c := range []net.Conn{near, far} {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
			t.Errorf("reading from a line that was cut: %v", err)
		}
	}
}

func TestCutSilently(t *testing.T) {
	t.Parallel()
	n := newNetwork()
	near, far := pair(t, n)
	if _, err := near.Write([]byte("a")); err != nil {
		t.Fatal(err)
	}
	if n.cut(true) != 1 || n.cut(true) != 0 {
		t.Error("a line is cut once")
	}
	if _, err := near.Write([]byte("b")); err != nil {
		t.Errorf("writing to a silent line: %v", err)
	}
	if _, err := far.Write([]byte("c")); err != nil {
		t.Fatal(err)
	}
	_ = near.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := near.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
		t.Errorf("read %d bytes from a silent line, %v", n, err)
	}
	near.Close()
	_ = far.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, _ := io.ReadAll(far); string(got) != "a" {
		t.Errorf("the other end got %q", got)
	}
}

func isTimeout(err error) bool {
	e, ok := err.(net.Error)
	return ok && e.Timeout()
}
