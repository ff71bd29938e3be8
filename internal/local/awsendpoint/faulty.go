package awsendpoint

import (
	"io"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// fault asks what goes wrong with a call. One that concerns several tables
// fails by the first of them with which something is wrong.
func (ep *Endpoint) fault(c call) faults.Fault {
	point := faults.Point{Service: c.service, Operation: c.operation, Function: c.function}
	if len(c.resources) == 0 {
		return ep.config.Faults.At(point)
	}
	for _, point.Resource = range c.resources {
		if fault := ep.config.Faults.At(point); fault != (faults.Fault{}) {
			return fault
		}
	}
	return faults.Fault{}
}

// runFaulty makes a call with which something goes wrong.
func (ep *Endpoint) runFaulty(c call, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	switch {
	case !faults.Sleep(r.Context(), fault.Latency):
		return // the caller has gone
	case fault.Partial:
		ep.runPartly(c, w, r)
		return
	case !fault.Reset && fault.Status == 0:
		ep.run(c, w, r)
		return
	case fault.After:
		ep.runUnheard(c, r)
	case fault.ApplyLate > 0:
		ep.runLate(c, fault, r)
	}
	if fault.Reset {
		faults.Reset(w)
		return
	}
	refusal{fault.Status, fault.Code, fault.Message}.write(w, r, c.service)
}

// runUnheard makes a call of which the caller does not get the answer.
func (ep *Endpoint) runUnheard(c call, r *http.Request) {
	if answer, err := ep.ask(c, r); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// runLate makes a call after a while, whatever became of the caller: with its
// own conditions, on what the tables and queues hold by then.
func (ep *Endpoint) runLate(c call, fault faults.Fault, r *http.Request) {
	r = r.Clone(ep.open) // which goes on when the caller has been answered
	ep.mu.Lock()
	defer ep.mu.Unlock()
	if ep.open.Err() != nil {
		return
	}
	ep.late.Go(func() {
		if faults.Sleep(ep.open, fault.ApplyLate) {
			ep.runUnheard(c, r)
		}
	})
}
