package functions_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// inject sets the fault of the first invocation of the function "Label".
func inject(t *testing.T, r faults.Rule) *faults.Injector {
	t.Helper()
	i := faults.New(1)
	r.Service, r.Operation, r.Function, r.Nth = "lambda", "Invoke", "Label", 1
	if _, err := i.Add(r); err != nil {
		t.Fatal(err)
	}
	i.Begin()
	return i
}

func TestAKilledFunction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		moment faults.Moment
		ms     string // how long the handler works
		want   string // its payload
	}{
		{faults.Before, `0`, ""},
		{faults.During, `2000`, "Fn: begun"},
		{faults.After, `0`, "Fn: begun Fn: ended"},
	}
	for _, tt := range tests {
		t.Run(string(tt.moment), func(t *testing.T) {
			t.Parallel()
			var l logs
			f := newFunction(t, "work", func(c *functions.Config) {
				c.Label, c.Logs, c.Faults = "Label", l.add, inject(t, faults.Rule{Kill: tt.moment})
			})
			r := invoke(t, f, tt.ms)
			want := `{"errorType":"Runtime.ExitError","errorMessage":"RequestId: ` + r.RequestID + ` Error: Runtime exited with error: signal: killed"}`
			if string(r.Payload) != want || r.FunctionError != "Unhandled" {
				t.Errorf("result %s %q", r.Payload, r.FunctionError)
			}
			next := invoke(t, f, `0`)
			if string(next.Payload) != `"done"` {
				t.Errorf("the next invocation: %s", next.Payload)
			}
			_ = f.Close() // after it, no line is missing
			got := strings.Join(l.all(), " ")
			if before, _, ok := strings.Cut(got, `{"errorType"`); !ok || strings.TrimSpace(strings.TrimSuffix(before, "Fn: ")) != tt.want {
				t.Errorf("the log is %q, want %q and the error", got, tt.want)
			}
		})
	}
}

// A function that ends before it would be killed during its work is killed too: its
// caller does not get the result.
func TestAFunctionThatEndsBeforeItIsKilled(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "echo", func(c *functions.Config) {
		c.Label, c.Faults = "Label", inject(t, faults.Rule{Kill: faults.During})
	})
	if r := invoke(t, f, `{}`); !strings.Contains(string(r.Payload), "signal: killed") {
		t.Errorf("result %s", r.Payload)
	}
}

func TestARefusedInvocation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		rule faults.Rule
		want functions.InvokeError
	}{
		{"throttled", faults.Rule{Throttle: true}, functions.InvokeError{Status: 429, Code: "TooManyRequestsException"}},
		{"500", faults.Rule{Status: 500}, functions.InvokeError{Status: 500, Code: "ServiceException"}},
		{"another error", faults.Rule{Status: 502, Code: "EC2UnexpectedException"}, functions.InvokeError{Status: 502, Code: "EC2UnexpectedException"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			meter := usage.New()
			f := newFunction(t, "echo", func(c *functions.Config) {
				c.Label, c.Meter, c.Faults = "Label", meter, inject(t, tt.rule)
			})
			_, err := f.Invoke(t.Context(), []byte(`{}`))
			var got *functions.InvokeError
			if !errors.As(err, &got) || got.Status != tt.want.Status || got.Code != tt.want.Code {
				t.Errorf("error %v, want %v", err, &tt.want)
			}
			if n := meter.Snapshot().Lambda.Requests; n != 0 {
				t.Errorf("%d requests are billed", n)
			}
			invoke(t, f, `{}`)
		})
	}
}

func TestASlowInvocation(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "echo", func(c *functions.Config) {
		c.Label, c.Faults = "Label", inject(t, faults.Rule{Latency: 200 * time.Millisecond})
	})
	began := time.Now()
	r := invoke(t, f, `{}`)
	took := time.Since(began)
	// The delay is before the function's work and not part of its duration.
	if r.FunctionError != "" || took-r.InitDuration-r.Duration < 200*time.Millisecond {
		t.Errorf("result %s after %s, of them %s in the function", r.Payload, took, r.InitDuration+r.Duration)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	meter := usage.New()
	f := newFunction(t, "work", func(c *functions.Config) { c.Label, c.Meter, c.MemoryMB = "Label", meter, 512 })
	cold, warm := invoke(t, f, `20`), invoke(t, f, `20`)
	_ = f.Close() // after it, no line is missing
	got := meter.Snapshot()
	if len(got.Lambda.Functions) != 1 {
		t.Fatalf("functions %+v", got.Lambda.Functions)
	}
	total := (cold.InitDuration + cold.Duration + warm.Duration).Milliseconds()
	if u := got.Lambda.Functions[0]; u.Function != "Label" || u.MemoryMB != 512 || u.Requests != 2 || u.BilledMS < total || u.BilledMS > total+2 {
		t.Errorf("usage %+v, want 2 requests of %d ms", u, total)
	}
	// Four lines of five bytes are the function's; the rest are Lambda's own.
	if len(got.Logs.Functions) != 1 || got.Logs.Functions[0].Bytes < 20+2*200 || got.Logs.Functions[0].Bytes > 20+2*400 {
		t.Errorf("log bytes %+v", got.Logs)
	}
}
