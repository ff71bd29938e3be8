package childproc

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// pipeGrace is how long output is still read after the child has ended, if a
// process that it started holds the pipe open.
const pipeGrace = 200 * time.Millisecond

// Process is a running child and all processes that it started.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd as the leader of a process group and waits for its end in the
// background. On Linux the kernel kills the child when this process dies in any
// way. Elsewhere the child must notice that itself.
//
// The error is that of [exec.Cmd.Start].
func Start(cmd *exec.Cmd) (*Process, error) {
	isolate(cmd)
	cmd.WaitDelay = pipeGrace
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

func (p *Process) wait() {
	p.err = p.cmd.Wait()
	if errors.Is(p.err, exec.ErrWaitDelay) {
		p.err = nil // it succeeded: a process that it left holds its output
	}
	// Processes that the child left behind end with it.
	killGroup(p.cmd)
	close(p.done)
}

// Kill kills the child and all processes that it started. It may be called after
// their end. It does not wait: see [Process.Done].
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		killGroup(p.cmd)
	}
}

// Done returns a channel that is closed when the child has ended, was reaped, and
// its output was passed on.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err returns how the child ended: nil for exit status 0, else usually an
// [*exec.ExitError]. It is valid after Done is closed.
func (p *Process) Err() error { return p.err }

// Pid returns the child's process ID.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Run starts cmd and waits for its end. If ctx ends first, the child and all
// processes that it started are killed, and the error is that of ctx.
func Run(ctx context.Context, cmd *exec.Cmd) error {
	p, err := Start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
		return p.Err()
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
		return ctx.Err()
	}
}
