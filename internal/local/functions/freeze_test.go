package functions_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/functions"
)

// A function that is frozen in the middle of its work goes on when it thaws.
func TestAFrozenFunction(t *testing.T) {
	t.Parallel()
	const lasts = 500 * time.Millisecond
	for name, ms := range map[string]string{"at work": `100`, "through sooner": `0`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t, "sleep", func(c *functions.Config) {
				c.Label, c.Faults = "Label", inject(t, faults.Rule{Freeze: lasts})
			})
			r := invoke(t, f, ms)
			if r.FunctionError != "" || r.Duration < lasts {
				t.Errorf("result %s %s after %v", r.Payload, r.FunctionError, r.Duration)
			}
			if next := invoke(t, f, `0`); string(next.Payload) != string(r.Payload) || next.InitDuration != 0 {
				t.Errorf("the next invocation ran in %s, not in %s", next.Payload, r.Payload)
			}
		})
	}
}

// A sandbox that is frozen for longer than its timeout is reported as timed out,
// and another sandbox handles later invocations. After the thaw it finishes its
// work without effect on the caller, and ends.
func TestAFunctionFrozenBeyondItsTimeout(t *testing.T) {
	t.Parallel()
	var l logs
	f := newFunction(t, "work", func(c *functions.Config) {
		c.Label, c.Timeout, c.Logs = "Label", time.Second, l.add
		c.Faults = inject(t, faults.Rule{Freeze: 2 * time.Second})
	})
	r := invoke(t, f, `300`)
	if !strings.Contains(string(r.Payload), "Task timed out after 1.00 seconds") || r.Duration > 1500*time.Millisecond {
		t.Errorf("result %s after %v", r.Payload, r.Duration)
	}
	if slices.Contains(l.all(), "Fn: ended") {
		t.Error("it worked while it was frozen")
	}
	next := invoke(t, f, `0`)
	if string(next.Payload) != `"done"` || next.InitDuration == 0 {
		t.Errorf("the next invocation: %s after a start of %v", next.Payload, next.InitDuration)
	}
	ended := func() (n int) {
		for _, line := range l.all() {
			if line == "Fn: ended" {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(10 * time.Second); ended() < 2 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if ended() != 2 {
		t.Errorf("the log is %q", l.all())
	}
	if again := invoke(t, f, `0`); again.InitDuration != 0 {
		t.Error("a third sandbox was started")
	}
}

// A sandbox that is frozen after its response gets no invocation until it thaws.
func TestAFunctionFrozenAfterItsAnswer(t *testing.T) {
	t.Parallel()
	const lasts = time.Second
	f := newFunction(t, "sleep", func(c *functions.Config) {
		c.Label, c.Faults = "Label", inject(t, faults.Rule{Freeze: lasts, After: true})
	})
	began := time.Now()
	first := invoke(t, f, `0`)
	if first.Duration > lasts/2 {
		t.Errorf("it answers after %v", first.Duration)
	}
	second := invoke(t, f, `0`)
	if string(second.Payload) == string(first.Payload) {
		t.Error("a frozen sandbox was given an invocation")
	}
	time.Sleep(time.Until(began.Add(lasts + 500*time.Millisecond)))
	if third := invoke(t, f, `0`); third.InitDuration != 0 {
		t.Error("both sandboxes are lost")
	}
}

// Close does not wait for frozen sandboxes.
func TestCloseWhileFrozen(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "sleep", func(c *functions.Config) {
		c.Label, c.Faults, c.Timeout = "Label", inject(t, faults.Rule{Freeze: time.Hour}), 500*time.Millisecond
	})
	invoke(t, f, `100`)
	began := time.Now()
	if err := f.Close(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("closed with %v after %v", err, time.Since(began))
	}
}
