package fanout

import (
	"errors"
	"time"
)

// processCPU is only known where there is getrusage.
func processCPU() (time.Duration, error) {
	return 0, errors.New("bench fanout: processor time is not measured on Windows: use WSL")
}

// openFiles returns how many files this process may have open: as many as
// there is memory for.
func openFiles() (uint64, error) { return 1 << 20, nil }
