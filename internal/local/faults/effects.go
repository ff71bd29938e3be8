package faults

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Sleep waits for d, or until ctx ends, and reports whether it has waited for
// all of d. Without anything to wait for, it does not look at ctx.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Reset cuts a caller's TCP connection without an answer, so that the caller
// sees a reset and not an end. It does nothing on HTTP/2, and when the caller
// has gone.
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
