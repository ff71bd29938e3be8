package childproc

import "os/exec"

// Windows has no process groups of this kind: there the child alone is ended.
func isolate(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
}
