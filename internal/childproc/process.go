package childproc

import (
	"context"
	"errors"
	"os/exec"
	"time"
)

// pipeGrace is how long the output of a process that has ended is still read
// when a process that it started holds the pipe open.
const pipeGrace = 200 * time.Millisecond

// Process is a running child and everything it has started itself.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd as the leader of a process group of its own and waits for
// its end in the background. On Linux the kernel kills the child when this
// process dies in whatever way; elsewhere the child has to notice by itself.
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
		p.err = nil // it ended well: only what it left running holds its output
	}
	// What the child left running goes with it.
	killGroup(p.cmd)
	close(p.done)
}

// Kill ends the child and everything it has started, at once and without
// asking. Killing a process that has ended is harmless. It does not wait: see
// [Process.Done].
func (p *Process) Kill() {
	select {
	case <-p.done:
	default:
		killGroup(p.cmd)
	}
}

// Done is closed once the child has ended, has been reaped and its output has
// been handed over.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells how the child ended: nil for exit status 0, else mostly an
// [*exec.ExitError]. It is valid after Done is closed.
func (p *Process) Err() error { return p.err }

// Pid is the child's process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Run starts cmd and waits for its end. When ctx ends first, the child and
// everything it has started is killed, and the error is that of ctx.
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
