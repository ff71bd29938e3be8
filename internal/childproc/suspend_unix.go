//go:build unix

package childproc

import "syscall"

// Suspend stops the child and all processes that it started until Resume or Kill.
// It may be called after their end.
func (p *Process) Suspend() { p.signal(syscall.SIGSTOP) }

// Resume continues a suspended child.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// signal ignores the error: it means only that the group has no process left.
func (p *Process) signal(s syscall.Signal) {
	select {
	case <-p.done:
	default:
		_ = syscall.Kill(-p.cmd.Process.Pid, s)
	}
}
