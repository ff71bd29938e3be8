package awsendpoint

import (
	"io"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// fault returns the fault of a call. A call on several tables gets the fault of the
// first table that has one.
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

// runFaulty runs a call with a fault.
func (ep *Endpoint) runFaulty(c call, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	switch {
	case !faults.Sleep(r.Context(), fault.Latency):
		return // the caller has disconnected
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

// runUnheard runs a call without answering the caller.
func (ep *Endpoint) runUnheard(c call, r *http.Request) {
	if answer, err := ep.ask(c, r); err == nil {
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

// runLate runs a call after a delay, even if the caller has disconnected. Its
// conditions apply to the data at that time.
func (ep *Endpoint) runLate(c call, fault faults.Fault, r *http.Request) {
	r = r.Clone(ep.open) // it continues after the caller was answered
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
