//go:build unix

package childproc

import (
	"os/exec"
	"syscall"
)

// killGroup ignores the error: it means only that the group has no process left.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
