package childproc

import (
	"fmt"
	"strconv"
	"syscall"
)

// Lower gives a process without threads the priority of [LowerPriority].
func Lower(pid int) error {
	raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, pid)
	if err != nil {
		return fmt.Errorf("read the priority of process %d: %w", pid, err)
	}
	step, err := strconv.Atoi(priority)
	if err != nil {
		return err
	}
	const highest = 20 // the system call returns 20 minus the nice value
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, pid, highest-raw+step); err != nil {
		return fmt.Errorf("lower the priority of process %d: %w", pid, err)
	}
	return nil
}
