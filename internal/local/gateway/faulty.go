package gateway

import (
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// service is API Gateway's service name for credential scopes and faults.
const service = "execute-api"

// runFaulty runs a command with a fault.
func (g *Gateway) runFaulty(cmd command, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	if !faults.Sleep(r.Context(), fault.Latency) {
		g.observeCommand(r, cmd, 0, 0) // the caller has disconnected
		return
	}
	if fault.Close {
		g.hangUp(cmd.id)
	}
	fails := fault.Reset || fault.Status != 0
	var result answer
	if !fault.Lost && (!fails || fault.After) {
		result = g.run(cmd)
	}
	switch {
	case fault.Lost:
		answer := g.lose(cmd)
		g.observeCommand(r, cmd, 0, answer.status)
		answer.write(w)
	case fault.Reset:
		g.observeCommand(r, cmd, result.status, 0)
		faults.Reset(w)
	case fails:
		g.observeCommand(r, cmd, result.status, fault.Status)
		writeError(w, fault.Status, fault.Code, fault.Message)
	default:
		g.observeCommand(r, cmd, result.status, result.status)
		result.write(w)
	}
}

// lose answers a post as if it had been sent.
func (g *Gateway) lose(cmd command) answer {
	c := g.conns.get(cmd.id)
	if c == nil {
		return g.run(cmd)
	}
	switch _, closing := c.ending(); {
	case closing:
		return gone
	case len(cmd.body) > maxMessage:
		return payloadTooLarge
	}
	return answer{status: http.StatusOK}
}

// abandon lets a client hang up while its handshake is decided about:
// $disconnect is called, and does not wait for $connect, which begins after the
// fault's latency.
func (g *Gateway) abandon(c *connection, route Route, connect event, fault faults.Fault, w http.ResponseWriter) {
	faults.Reset(w)
	g.running.Go(func() { g.disconnect(c, abnormal) })
	if !faults.Sleep(g.ctx, fault.Latency) {
		return
	}
	if _, err := g.invoke(route, connect); err != nil {
		g.logFailure(route, c, err)
	}
}

// hangUp ends a connection without a close frame, as a broken network does. From
// now on the connection is gone.
func (g *Gateway) hangUp(id string) {
	if c := g.conns.get(id); c != nil {
		c.close(true)
	}
}
