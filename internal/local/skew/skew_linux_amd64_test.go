package skew_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/skew"
)

const helper = "ROOMCAST_TEST_TELLS_THE_TIME"

// TestMain is also the program with the wrong clock: it prints the time, and how
// long it slept.
func TestMain(m *testing.M) {
	if os.Getenv(helper) == "" {
		os.Exit(m.Run())
	}
	began := time.Now()
	time.Sleep(20 * time.Millisecond)
	fmt.Println(began.UnixNano(), int64(time.Since(began)))
}

func TestStart(t *testing.T) {
	t.Parallel()
	if err := skew.Supported(); err != nil {
		t.Fatal(err)
	}
	for _, by := range []time.Duration{
		5 * time.Second, -5 * time.Second, 700 * time.Millisecond, -300 * time.Millisecond, -1700 * time.Millisecond, time.Hour,
	} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			cmd := exec.Command("/proc/self/exe")
			cmd.Env = []string{helper + "=1"}
			cmd.Stdout = &out
			began := time.Now()
			p, err := skew.Start(cmd, by, func(int) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			<-p.Done()
			ended := time.Now()
			shown, slept, _ := strings.Cut(strings.TrimSpace(out.String()), " ")
			at, err := strconv.ParseInt(shown, 10, 64)
			if err != nil || p.Err() != nil {
				t.Fatalf("it says %q and ends with %v", out.String(), p.Err())
			}
			if now := time.Unix(0, at).Add(-by); now.Before(began) || now.After(ended) {
				t.Errorf("its clock is wrong by %v too much", now.Sub(began))
			}
			if d, err := strconv.ParseInt(slept, 10, 64); err != nil || time.Duration(d) < 20*time.Millisecond || time.Duration(d) > ended.Sub(began) {
				t.Errorf("it slept for %v", time.Duration(d))
			}
		})
	}
}

// Programs that are not written in Go ask other functions of the vDSO: Node asks
// gettimeofday.
func TestNode(t *testing.T) {
	t.Parallel()
	const by = -90 * time.Minute
	var out strings.Builder
	cmd := exec.Command("node", "-p", "Date.now()")
	cmd.Stdout = &out
	began := time.Now()
	p, err := skew.Start(cmd, by, func(int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	ms, err := strconv.ParseInt(strings.TrimSpace(out.String()), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if now := time.UnixMilli(ms + 1).Add(-by); now.Before(began) || now.After(time.Now().Add(time.Millisecond)) {
		t.Errorf("its clock is wrong by %v too much", now.Sub(began))
	}
}

// A program that could not be prepared never runs.
func TestStartFails(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{helper + "=1"}
	cmd.Stdout = &out
	want := errors.New("not today")
	if _, err := skew.Start(cmd, time.Second, func(int) error { return want }); !errors.Is(err, want) || out.String() != "" {
		t.Errorf("got %v, it says %q", err, out.String())
	}
	if _, err := skew.Start(exec.Command("/no/such/program"), time.Second, func(int) error { return nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}
