package gateway

import (
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// service is API Gateway's name in credential scopes, and where faults are
// injected into it.
const service = "execute-api"

// runFaulty carries out a command with which something goes wrong.
func (g *Gateway) runFaulty(cmd command, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	if !faults.Sleep(r.Context(), fault.Latency) {
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

// hangUp ends a connection as a broken network does: without a close frame. It
// is gone for whoever asks from now on.
func (g *Gateway) hangUp(id string) {
	if c := g.conns.get(id); c != nil {
		c.close(true)
	}
}
