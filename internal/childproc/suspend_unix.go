//go:build unix

package childproc

import "syscall"

// Suspend stops the child and everything it has started, wherever they are in
// their work, until Resume or Kill. Suspending a process that has ended is
// harmless.
func (p *Process) Suspend() { p.signal(syscall.SIGSTOP) }

// Resume lets a child that was suspended go on.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// signal ignores the error: the only one that can occur is that nobody of the
// group is left.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(-p.cmd.Process.Pid, s)
	}
}
