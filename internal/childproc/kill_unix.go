//go:build unix

package childproc

import (
	"os/exec"
	"syscall"
)

// killGroup ignores the error: the only one that can occur is that nobody of
// the group is left.
func killGroup(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
