package childproc

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestLowerPriority asks the kernel for the priority, and checks that the command
// is otherwise unchanged. The test itself may already run at a low priority.
func TestLowerPriority(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", `cut -d' ' -f19 /proc/$$/stat; echo "$1"`, "sh", "an argument")
	LowerPriority(cmd)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	nice, argument, _ := strings.Cut(string(out), "\n")
	got, err := strconv.Atoi(nice)
	if err != nil || argument != "an argument\n" {
		t.Fatalf("got %q", out)
	}
	raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	const highest = 20 // the kernel's call answers 20 less the nice value
	own := highest - raw
	step, _ := strconv.Atoi(priority)
	if want := min(own+step, 19); got != want {
		t.Errorf("runs at %d, want %d", got, want)
	}
}

// TestLower compares the priority of a lowered process with that of a process
// that was started with LowerPriority.
func TestLower(t *testing.T) {
	t.Parallel()
	nice := func(start func(*exec.Cmd) (*Process, error)) string {
		var out strings.Builder
		cmd := exec.Command("sh", "-c", `cut -d' ' -f19 /proc/$$/stat`)
		cmd.Stdout = &out
		p, err := start(cmd)
		if err != nil {
			t.Fatal(err)
		}
		<-p.Done()
		return out.String()
	}
	want := nice(func(cmd *exec.Cmd) (*Process, error) {
		LowerPriority(cmd)
		return Start(cmd)
	})
	got := nice(func(cmd *exec.Cmd) (*Process, error) { return StartTraced(cmd, Lower) })
	if got != want || got == "" {
		t.Errorf("the nice value is %q, want %q", got, want)
	}
}
