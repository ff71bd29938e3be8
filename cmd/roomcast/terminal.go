package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roomcast/roomcast/internal/cli"
)

// takeTerminal makes this process the only one that Ctrl-C interrupts, and
// returns what undoes that. make and the go command report an interrupt as a
// failure, whatever the program that they ran makes of it. They are left to
// wait for it instead. Nothing happens without a terminal, in the background
// and where neither of them is involved.
func takeTerminal() (giveBack func()) {
	nothing := func() {}
	if os.Getenv("MAKELEVEL") == "" && !cli.StartedByGo() {
		return nothing
	}
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nothing
	}
	group := syscall.Getpgrp()
	if foreground(terminal) != group || syscall.Setpgid(0, 0) != nil {
		terminal.Close()
		return nothing
	}
	// The first is raised by the change itself. The second would stop this
	// process alone, and its parents would wait for it without end.
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
	setForeground(terminal, syscall.Getpid())
	return func() {
		setForeground(terminal, group)
		terminal.Close()
	}
}

// foreground returns the process group that a terminal's Ctrl-C interrupts, -1
// if that is not known.
func foreground(terminal *os.File) int {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	if err != nil {
		return -1
	}
	return group
}

// setForeground is a courtesy: when it fails, Ctrl-C ends what it ended before.
func setForeground(terminal *os.File, group int) {
	_ = unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPGRP, group)
}
