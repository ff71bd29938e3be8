package functions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
)

func TestInvoke(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "echo", nil)
	cold := invoke(t, f, `{"a": 1}`)
	if string(cold.Payload) != `{"a":1}` && string(cold.Payload) != `{"a": 1}` || cold.FunctionError != "" {
		t.Errorf("result %s %q", cold.Payload, cold.FunctionError)
	}
	warm := invoke(t, f, `{}`)
	if cold.InitDuration <= 0 || warm.InitDuration != 0 {
		t.Errorf("init durations %s and %s, want one for the first only", cold.InitDuration, warm.InitDuration)
	}
	if cold.Duration <= 0 || cold.RequestID == "" || cold.RequestID == warm.RequestID {
		t.Errorf("results %+v and %+v", cold, warm)
	}
}

func TestContextOfAnInvocation(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "context", func(c *functions.Config) { c.Timeout = 5 * time.Second })
	r := invoke(t, f, `{}`)
	var got struct {
		RequestID, Arn, Trace, Dir string
		LeftMs                     int
	}
	if err := json.Unmarshal(r.Payload, &got); err != nil {
		t.Fatal(err)
	}
	if got.RequestID != r.RequestID || got.Arn != "arn:aws:lambda:us-east-1:000000000000:function:Fn" {
		t.Errorf("request id %q (result has %q), ARN %q", got.RequestID, r.RequestID, got.Arn)
	}
	if !strings.HasPrefix(got.Trace, "Root=1-") || !strings.HasSuffix(got.Dir, bootstrapDir) {
		t.Errorf("trace id %q, folder %q", got.Trace, got.Dir)
	}
	if got.LeftMs < 3000 || got.LeftMs > 5000 {
		t.Errorf("%d ms left, want almost 5000", got.LeftMs)
	}
}

// TestFailures checks the payloads with which AWS reports failures. ID stands for
// the request ID.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		handler, want string
		lives         bool // the same sandbox takes the next invocation
	}{
		{"fail", `{"errorMessage":"no luck","errorType":"errorString"}`, true},
		{"panic", `"errorMessage":"oh no"`, false},
		{"exit", `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 7"}`, false},
		{"init-exit", `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited with error: exit status 3"}`, false},
		{"init-zero", `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ID Error: Runtime exited without providing a reason"}`, false},
		{"init-error", `{"errorType":"Runtime.ImportError","errorMessage":"no such module"}`, false},
		{"sleep", `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ID Error: Task timed out after 0.30 seconds"}`, false},
		{"large", `{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"RequestId: ID Error: Response payload size exceeded`, false},
		{"broken", `{"errorMessage":"the stream broke","errorType":"errorString"}`, true},
	}
	for _, tt := range tests {
		t.Run(tt.handler, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t, tt.handler, func(c *functions.Config) {
				if tt.handler == "sleep" {
					c.Timeout = 300 * time.Millisecond
				}
			})
			for i := range 2 {
				r := invoke(t, f, `5000`)
				want := strings.ReplaceAll(tt.want, "ID", r.RequestID)
				if r.FunctionError != "Unhandled" || !strings.Contains(string(r.Payload), want) {
					t.Errorf("result %.200s %q, want %s", r.Payload, r.FunctionError, want)
				}
				if cold := i == 0 || !tt.lives; !strings.HasPrefix(tt.handler, "init-") && (r.InitDuration > 0) != cold {
					t.Errorf("invocation %d: init duration %s", i, r.InitDuration)
				}
			}
		})
	}
}

func TestAWaitingInvocationGivesUp(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "sleep", func(c *functions.Config) { c.MaxConcurrency = 1 })
	busy := make(chan functions.Result, 1)
	go func() {
		r, _ := f.Invoke(t.Context(), []byte(`600`))
		busy <- r
	}()
	time.Sleep(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.Invoke(ctx, []byte(`0`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
	if r := <-busy; r.FunctionError != "" || r.Payload == nil {
		t.Errorf("the running invocation: %s %q", r.Payload, r.FunctionError)
	}
	invoke(t, f, `0`)
}

func TestAnEventThatIsTooLarge(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "echo", nil)
	_, err := f.Invoke(t.Context(), make([]byte, functions.MaxPayload+1))
	if err == nil || !strings.Contains(err.Error(), "6291456") {
		t.Errorf("error %v, want one that names the limit", err)
	}
}

// pidsOf makes n concurrent invocations of ms milliseconds, and counts how many
// each process handled.
func pidsOf(t *testing.T, f *functions.Function, n, ms int) map[string]int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	pids := map[string]int{}
	for range n {
		all.Go(func() {
			r, err := f.Invoke(t.Context(), fmt.Append(nil, ms))
			if err != nil || r.FunctionError != "" {
				t.Errorf("%s %v", r.Payload, err)
			}
			mu.Lock()
			defer mu.Unlock()
			pids[string(r.Payload)]++
		})
	}
	all.Wait()
	return pids
}

func TestScalesToItsLimitAndReuses(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "sleep", func(c *functions.Config) { c.MaxConcurrency = 3 })
	pids := pidsOf(t, f, 9, 200)
	if len(pids) != 3 {
		t.Errorf("%d processes took 9 invocations at once, want 3", len(pids))
	}
	last := ""
	for range 5 {
		time.Sleep(50 * time.Millisecond) // until all are idle
		pid := string(invoke(t, f, `0`).Payload)
		if pids[pid] == 0 || last != "" && pid != last {
			t.Errorf("process %s took it after %s, want the one used last", pid, last)
		}
		last = pid
	}
}

func TestOneAfterTheOtherNeedsOneSandbox(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "echo", nil)
	cold := 0
	for range 200 {
		if invoke(t, f, `{}`).InitDuration > 0 {
			cold++
		}
	}
	if cold != 1 {
		t.Errorf("%d sandboxes came to work, want 1", cold)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	var l logs
	f := newFunction(t, "log", func(c *functions.Config) { c.Logs = l.add })
	invoke(t, f, `{}`)
	_ = f.Close() // after it, no line is missing
	lines := l.all()
	if len(lines) != 3 || lines[0] != "Fn: to stdout" || lines[1] != "Fn: to stderr" {
		t.Fatalf("%d lines, the first %.100q", len(lines), lines)
	}
	if n := len(lines[2]); n > 260<<10 || !strings.HasSuffix(lines[2], " [cut]") {
		t.Errorf("a line of 300 KiB came as %d bytes", n)
	}
}

func TestATimeoutIsLogged(t *testing.T) {
	t.Parallel()
	var l logs
	f := newFunction(t, "sleep", func(c *functions.Config) { c.Timeout, c.Logs = 200*time.Millisecond, l.add })
	r := invoke(t, f, `5000`)
	_ = f.Close()
	lines := strings.Join(l.all(), "\n")
	if want := r.RequestID + " Task timed out after 0.20 seconds"; !strings.Contains(lines, want) {
		t.Errorf("the log lacks %q:\n%s", want, lines)
	}
}
