package childproc

import "os/exec"

// priority is the nice value, from 0 to 19. When both compete, a process with
// the default value gets about thirty times the CPU time of one with this value.
const priority = "15"

// LowerPriority changes cmd, which must not have started, to run at a low CPU
// priority. It needs the POSIX program nice; without nice, cmd is unchanged.
func LowerPriority(cmd *exec.Cmd) {
	nice, err := exec.LookPath("nice")
	if err != nil {
		return
	}
	cmd.Args = append([]string{"nice", "-n", priority, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = nice
}
