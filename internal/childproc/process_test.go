//go:build unix

package childproc_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/childproc"
)

// start runs a shell script and returns the first line that it prints.
func start(t *testing.T, script string) (*childproc.Process, string) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("sh", "-c", script)
	cmd.Stdout = in
	p, err := childproc.Start(cmd)
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return p, strings.TrimSpace(line)
}

func waitDone(t *testing.T, p *childproc.Process) {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the process did not end")
	}
}

// waitGone waits until no process has this id any more, or only one that has
// ended and waits for init to collect it.
func waitGone(t *testing.T, pid string) {
	t.Helper()
	id, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if syscall.Kill(id, 0) != nil {
			return
		}
		if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("process %s is still there", pid)
}

func TestKillEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	p, grandchild := start(t, "sleep 60 & echo $!; wait")
	p.Kill()
	waitDone(t, p)
	if p.Err() == nil || p.Err().Error() != "signal: killed" {
		t.Errorf("Err() = %v, want signal: killed", p.Err())
	}
	waitGone(t, grandchild)
}

// A process that the child left behind may hold its output. That is not an error.
func TestOutputThatIsHeldIsNoFailure(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"sleep 60 & exit 0": "<nil>",
		"sleep 60 & exit 3": "exit status 3",
	} {
		cmd := exec.Command("sh", "-c", script)
		cmd.Stderr = new(strings.Builder) // no *os.File: there is a pipe to hold
		if err := childproc.Run(t.Context(), cmd); fmt.Sprint(err) != want {
			t.Errorf("%s: error %v, want %s", script, err, want)
		}
	}
}

func TestWhatAProcessLeavesGoesWithIt(t *testing.T) {
	t.Parallel()
	p, grandchild := start(t, "sleep 60 & echo $!")
	waitDone(t, p)
	if p.Err() != nil {
		t.Errorf("Err() = %v, want nil", p.Err())
	}
	waitGone(t, grandchild)
	p.Kill() // harmless
}
