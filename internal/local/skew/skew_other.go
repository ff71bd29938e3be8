//go:build !linux || !amd64

package skew

import (
	"errors"
	"os/exec"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
)

// Start fails: it supports Linux on amd64 only.
func Start(*exec.Cmd, time.Duration, func(pid int) error) (*childproc.Process, error) {
	return nil, Supported()
}

// Supported returns why clocks cannot be set wrong here.
func Supported() error {
	return errors.New("clocks of processes can be set wrong on Linux on amd64 only: remove the faults clock and clockWithin")
}
