package childproc

import "os/exec"

// Windows has no such process groups: only the child itself is killed.
func isolate(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
}

// Suspend does nothing: Windows has no signal that stops a process.
func (p *Process) Suspend() {}

// Resume does nothing, like Suspend.
func (p *Process) Resume() {}
