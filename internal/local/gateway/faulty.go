package gateway

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// service is API Gateway's name in credential scopes, and where faults are
// injected into it.
const service = "execute-api"

// runFaulty carries out a command with which something goes wrong.
func (g *Gateway) runFaulty(cmd command, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	if !sleep(r.Context(), fault.Latency) {
		return // the caller has gone
	}
	if fault.Close {
		g.hangUp(cmd.id)
	}
	fails := fault.Reset || fault.Status != 0
	var result answer
	if !fails || fault.After {
		result = g.run(cmd)
	}
	switch {
	case fault.Reset:
		reset(w)
	case fails:
		writeError(w, fault.Status, fault.Code, fault.Message)
	default:
		result.write(w)
	}
}

// hangUp ends a connection as a broken network does: without a close frame. It
// is gone for whoever asks from now on.
func (g *Gateway) hangUp(id string) {
	if c := g.conns.get(id); c != nil {
		c.close(true)
	}
}

// reset cuts the caller's TCP connection without an answer.
func reset(w http.ResponseWriter) {
	socket, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // HTTP/2 or gone: there is nothing to cut
	}
	if tcp, ok := socket.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // makes the peer see a reset, not an end
	}
	_ = socket.Close()
}

// sleep waits, and reports whether ctx was still alive then.
func sleep(ctx context.Context, d time.Duration) bool {
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
