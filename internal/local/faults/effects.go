package faults

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/retry"
)

// Sleep waits for d, or until ctx ends. It reports whether it waited for all of d.
// If d is 0 or negative, it ignores ctx.
func Sleep(ctx context.Context, d time.Duration) bool {
	return d <= 0 || retry.Sleep(ctx, d) == nil
}

// Reset cuts a caller's TCP connection without an answer, so that the caller sees a
// reset rather than an end. It does nothing on HTTP/2, or if the caller has
// disconnected.
func Reset(w http.ResponseWriter) {
	socket, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := socket.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = socket.Close()
}
