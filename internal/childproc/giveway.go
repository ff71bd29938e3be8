package childproc

import "os/exec"

// priority is how far a process gives way, from 0 to 19: one of the usual
// priority gets some thirty times the processor time while both want it.
const priority = "15"

// GiveWay has a command that was not started yet run at a low priority, so that
// it takes the time that others leave. It needs the POSIX program nice; without
// it the command runs as any other.
func GiveWay(cmd *exec.Cmd) {
	nice, err := exec.LookPath("nice")
	if err != nil {
		return
	}
	cmd.Args = append([]string{"nice", "-n", priority, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = nice
}
