package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Ctrl-C interrupts the command alone: make and the go command wait for it, and
// take its exit code.
func TestTakeTerminal(t *testing.T) {
	t.Parallel()
	control, terminal := openTerminal(t)
	script := `trap 'echo shell: interrupted; exit' INT
		"$0" -test.run='^TestTerminalHelper$'
		echo "ended with $?, terminal $(test "$(ps -o tpgid= -p $$)" = "$(ps -o pgid= -p $$)" && echo given back)"`
	cmd := exec.Command("sh", "-c", script, os.Args[0])
	cmd.Env = append(os.Environ(), "ROOMCAST_TERMINAL_HELPER=1", "MAKELEVEL=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	terminal.Close()
	var said strings.Builder
	for lines := bufio.NewScanner(control); lines.Scan(); {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "^C"))
		if line == "helper: ready" {
			if _, err := control.Write([]byte{3}); err != nil { // Ctrl-C
				t.Fatal(err)
			}
			continue
		}
		fmt.Fprintln(&said, line)
	}
	_ = cmd.Wait()
	if got, want := said.String(), "helper: interrupted\nended with 0, terminal given back\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTerminalHelper is no test but the command that TestTakeTerminal
// interrupts.
func TestTerminalHelper(t *testing.T) {
	if os.Getenv("ROOMCAST_TERMINAL_HELPER") == "" {
		return
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	giveBack := takeTerminal()
	fmt.Println("helper: ready")
	<-interrupted
	fmt.Println("helper: interrupted")
	giveBack()
	os.Exit(0)
}

// openTerminal returns both ends of a terminal.
func openTerminal(t *testing.T) (control, terminal *os.File) {
	t.Helper()
	control, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { control.Close() })
	fd := int(control.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return control, terminal
}
