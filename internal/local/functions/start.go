package functions

import (
	"os/exec"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/skew"
)

// startProcess starts a sandbox's process, with the clock that a fault gives it.
func (f *Function) startProcess(cmd *exec.Cmd) (*childproc.Process, error) {
	fault := f.config.Faults.At(faults.Point{
		Service: "lambda", Operation: "Start", Function: f.config.Label, Resource: f.config.Name,
	})
	if fault.Clock != 0 {
		return skew.Start(cmd, fault.Clock, func(pid int) error {
			if f.config.LowPriority {
				return childproc.Lower(pid)
			}
			return nil
		})
	}
	if f.config.LowPriority {
		childproc.LowerPriority(cmd)
	}
	return childproc.Start(cmd)
}
