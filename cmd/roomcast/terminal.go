package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/roomcast/roomcast/internal/cli"
)

// takeTerminal makes this process the only one that Ctrl-C interrupts, and
// returns a function that undoes this. make and the go command report an
// interrupt as a failure, whatever their program does; this way they wait for
// it instead. It does nothing without a terminal, in the background, or if
// neither of them is involved.
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
	// The change itself raises the first. The second would stop only this process,
	// and its parents would wait for it indefinitely.
	signal.Ignore(syscall.SIGTTOU, syscall.SIGTSTP)
	setForeground(terminal, syscall.Getpid())
	return func() {
		setForeground(terminal, group)
		terminal.Close()
	}
}

// foreground returns the process group that a terminal's Ctrl-C interrupts, -1
// if it is unknown.
func foreground(terminal *os.File) int {
	group, err := unix.IoctlGetInt(int(terminal.Fd()), unix.TIOCGPGRP)
	if err != nil {
		return -1
	}
	return group
}

// setForeground ignores errors: if it fails, Ctrl-C works as before.
func setForeground(terminal *os.File, group int) {
	_ = unix.IoctlSetPointerInt(int(terminal.Fd()), unix.TIOCSPGRP, group)
}
