//go:build unix

package childproc_test

import (
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
)

func TestSuspend(t *testing.T) {
	t.Parallel()
	var lines atomic.Int32
	out := childproc.NewLines(80, func(string) { lines.Add(1) })
	cmd := exec.Command("sh", "-c", "while :; do echo tick; sleep 0.01; done")
	cmd.Stdout = out
	p, err := childproc.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	grows := func(within time.Duration) bool {
		began := lines.Load()
		for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if lines.Load() > began {
				return true
			}
		}
		return false
	}
	if !grows(10 * time.Second) {
		t.Fatal("it does not run")
	}
	p.Suspend()
	time.Sleep(50 * time.Millisecond) // its output so far
	if grows(200 * time.Millisecond) {
		t.Error("it runs while it is suspended")
	}
	p.Resume()
	if !grows(10 * time.Second) {
		t.Error("it does not go on")
	}
	p.Suspend()
	p.Kill() // ends it all the same
	<-p.Done()
	p.Suspend()
	p.Resume()
}
