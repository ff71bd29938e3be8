package functions_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
)

// helperVariable makes this test binary invoke the bootstrap in the named folder,
// print its process ID and hang, so that a test can kill it.
const helperVariable = "ROOMCAST_TEST_FUNCTIONS_HELPER"

func invokeAndHang() {
	f, err := functions.New(functions.Config{Name: "Fn", Dir: os.Getenv(helperVariable), Handler: "pid"})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	r, err := f.Invoke(context.Background(), []byte(`{}`))
	fmt.Println(string(r.Payload))
	if err != nil {
		os.Exit(1)
	}
	select {}
}

// gone waits until no process has this id, or one that has ended and waits
// for init to collect it.
func gone(t *testing.T, pid string) {
	t.Helper()
	id, err := strconv.Atoi(strings.TrimSpace(pid))
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		if syscall.Kill(id, 0) != nil {
			return
		}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id)); err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("process %d is still there", id)
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "child", func(c *functions.Config) { c.Timeout = time.Minute })
	child := invoke(t, f, `{}`)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	gone(t, string(child.Payload))
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, functions.ErrClosed) {
		t.Errorf("error %v after Close, want ErrClosed", err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestCloseEndsWhatRunsAndWaits(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "sleep", func(c *functions.Config) { c.MaxConcurrency = 1 })
	failures := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := f.Invoke(t.Context(), []byte(`10000`))
			failures <- err
		}()
	}
	time.Sleep(100 * time.Millisecond)
	_ = f.Close()
	for range 2 {
		select {
		case err := <-failures:
			if !errors.Is(err, functions.ErrClosed) {
				t.Errorf("error %v, want ErrClosed", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("an invocation hangs")
		}
	}
}

func TestSandboxesEndWithTheirParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), helperVariable+"="+bootstrapDir)
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pid, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	gone(t, pid)
}

// BenchmarkInvoke measures warm invocations, 32 at a time.
func BenchmarkInvoke(b *testing.B) {
	f := newFunction(b, "echo", nil)
	invoke(b, f, `{}`)
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			invoke(b, f, `{"action":"sendMessage","roomId":"lobby","message":"hello"}`)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "invocations/s")
}
