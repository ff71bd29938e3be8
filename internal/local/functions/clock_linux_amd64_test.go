package functions_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/functions"
)

// A sandbox has the clock that a fault gave it, for as long as it lives.
func TestAWrongClock(t *testing.T) {
	t.Parallel()
	for name, lowPriority := range map[string]bool{"usual": false, "low priority": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := faults.New(1)
			if _, err := i.Add(faults.Rule{Function: "Label", Clock: -5 * time.Second, First: 1}); err != nil {
				t.Fatal(err)
			}
			i.Begin()
			f := newFunction(t, "clock", func(c *functions.Config) {
				c.Label, c.Faults, c.LowPriority = "Label", i, lowPriority
			})
			for range 2 {
				began := time.Now()
				r := invoke(t, f, `{}`)
				ms, err := strconv.ParseInt(string(r.Payload), 10, 64)
				if err != nil {
					t.Fatalf("result %s", r.Payload)
				}
				if now := time.UnixMilli(ms + 1).Add(5 * time.Second); now.Before(began) || now.After(time.Now().Add(time.Millisecond)) {
					t.Errorf("its clock is wrong by %v too much", now.Sub(began))
				}
			}
		})
	}
}
