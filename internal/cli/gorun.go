package cli

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"
)

// endWithGoRun ends this process with the `go run` that started it. `go run`
// passes an interrupt on, because the terminal sends it to both, but when it
// is terminated or killed it leaves its program running: the local cloud
// would stay behind, holding its ports.
func endWithGoRun(ctx context.Context, cancel context.CancelCauseFunc) {
	if !StartedByGo() {
		return
	}
	parent := os.Getppid()
	go func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if os.Getppid() != parent {
					cancel(errors.New("the go command that ran this program is gone"))
					return
				}
			}
		}
	}()
}

// StartedByGo reports whether this program was built by `go run` or `go tool`,
// which then waits for it.
func StartedByGo() bool {
	self, err := os.Executable()
	return err == nil && strings.Contains(self, "go-build")
}
