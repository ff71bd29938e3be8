package childproc

import "os/exec"

// Windows has no process groups of this kind: there the child alone is ended.
func isolate(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
}

// Suspend does nothing: Windows has no signal that stops a process.
func (p *Process) Suspend() {}

// Resume does nothing, as Suspend does.
func (p *Process) Resume() {}
