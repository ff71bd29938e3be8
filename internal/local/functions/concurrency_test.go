package functions_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
)

func reserve(n int) func(*functions.Config) {
	return func(c *functions.Config) { c.Reserved = &n }
}

// isThrottled checks that the error is Lambda's for a reserved concurrency.
func isThrottled(t *testing.T, err error) {
	t.Helper()
	var refusal *functions.InvokeError
	if !errors.As(err, &refusal) || !refusal.Throttled() || refusal.Status != http.StatusTooManyRequests ||
		refusal.Code != "TooManyRequestsException" || refusal.Reason != "ReservedFunctionConcurrentInvocationLimitExceeded" {
		t.Errorf("error %v, want TooManyRequestsException", err)
	}
}

func TestReservedConcurrency(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "sleep", reserve(2))
	type outcome struct {
		pid string
		err error
	}
	outcomes := make(chan outcome, 5)
	for range 5 {
		go func() {
			r, err := f.Invoke(t.Context(), []byte(`400`))
			outcomes <- outcome{string(r.Payload), err}
		}()
	}
	ran := map[string]bool{}
	for range 5 {
		if o := <-outcomes; o.err != nil {
			isThrottled(t, o.err)
		} else {
			ran[o.pid] = true
		}
	}
	if len(ran) != 2 {
		t.Errorf("%d of 5 at once ran, want 2", len(ran))
	}
	// After an answer, another invocation is accepted even before the sandbox is
	// idle.
	for range 20 {
		invoke(t, f, `0`)
	}
}

// A timed-out invocation and one whose caller has gone both hold their place
// no longer than they run.
func TestReservedConcurrencyIsGivenBack(t *testing.T) {
	t.Parallel()
	one := 1
	f := newFunction(t, "sleep", func(c *functions.Config) { c.Reserved, c.Timeout = &one, 300*time.Millisecond })
	if r := invoke(t, f, `5000`); r.FunctionError == "" {
		t.Errorf("result %s, want a timeout", r.Payload)
	}
	if r := invoke(t, f, `0`); r.FunctionError != "" {
		t.Errorf("result %s", r.Payload)
	}
	f = newFunction(t, "init-exit", reserve(1))
	for range 2 {
		if r := invoke(t, f, `0`); r.FunctionError == "" {
			t.Errorf("result %s, want a failed start", r.Payload)
		}
	}
}

func TestNoConcurrencyAtAll(t *testing.T) {
	t.Parallel()
	_, err := newFunction(t, "echo", reserve(0)).Invoke(t.Context(), []byte(`{}`))
	isThrottled(t, err)
}
