//go:build unix

package fanout

import (
	"fmt"
	"syscall"
	"time"
)

// processCPU returns the processor time that this process has taken.
func processCPU() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("bench fanout: processor time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// openFiles returns how many files this process may have open.
func openFiles() (uint64, error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("bench fanout: limit of open files: %w", err)
	}
	return uint64(l.Cur), nil // an int64 on FreeBSD
}
