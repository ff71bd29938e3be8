//go:build !linux || !amd64

package skew

import (
	"errors"
	"os/exec"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
)

// Start fails: it is written for one system.
func Start(*exec.Cmd, time.Duration, func(pid int) error) (*childproc.Process, error) {
	return nil, Supported()
}

// Supported says why clocks cannot be set wrong here.
func Supported() error {
	return errors.New("a process's clock can be set wrong on Linux on amd64 only: leave out the faults clock and clockWithin")
}
