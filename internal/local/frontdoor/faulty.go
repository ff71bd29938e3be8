package frontdoor

import (
	"io"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// fault asks what goes wrong with a call. One that concerns several tables
// fails by the first of them with which something is wrong.
func (f *FrontDoor) fault(c call) faults.Fault {
	point := faults.Point{Service: c.service, Operation: c.operation, Function: c.function}
	if len(c.resources) == 0 {
		return f.config.Faults.At(point)
	}
	for _, point.Resource = range c.resources {
		if fault := f.config.Faults.At(point); fault != (faults.Fault{}) {
			return fault
		}
	}
	return faults.Fault{}
}

// runFaulty makes a call with which something goes wrong.
func (f *FrontDoor) runFaulty(c call, fault faults.Fault, w http.ResponseWriter, r *http.Request) {
	if !faults.Sleep(r.Context(), fault.Latency) {
		return // the caller has gone
	}
	if !fault.Reset && fault.Status == 0 {
		f.run(c, w, r)
		return
	}
	if fault.After {
		if answer, err := f.ask(c, r); err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
	}
	if fault.Reset {
		faults.Reset(w)
		return
	}
	refusal{fault.Status, fault.Code, fault.Message}.write(w, r, c.service)
}
