package roomcastclient_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcastclient"
)

// With TLS and without, and with every dialer, the kernel detects a dead peer
// within 30 s.
func TestIdleConnectionHasKeepAlive(t *testing.T) {
	t.Parallel()
	accept := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer socket.CloseNow()
		_, _, _ = socket.Read(r.Context())
	})
	plain, secure := httptest.NewServer(accept), httptest.NewTLSServer(accept)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for _, server := range []*httptest.Server{plain, secure} {
		var dialed *net.TCPConn
		client := server.Client()
		client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{KeepAlive: -1}).DialContext(ctx, network, address)
			dialed, _ = conn.(*net.TCPConn)
			return conn, err
		}
		open := make(chan struct{})
		c, err := roomcastclient.New(roomcastclient.Options{
			URL:        strings.Replace(server.URL, "http", "ws", 1),
			HTTPClient: client,
			OnState: func(s roomcastclient.State) {
				if s == roomcastclient.StateOpen {
					close(open)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-open
		seconds := 0
		raw, err := dialed.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		_ = raw.Control(func(fd uintptr) {
			on, _ := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_KEEPALIVE)
			idle, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)
			interval, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL)
			count, _ := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT)
			if on != 0 {
				seconds = idle + interval*count
			}
		})
		if seconds < 1 || seconds > 30 {
			t.Errorf("%s: keep-alive takes %d s, want 1 to 30", server.URL, seconds)
		}
		_ = c.Close()
	}
}
