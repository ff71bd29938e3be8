package chaos

import (
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Slow puts are there when the busy room is busy, and the injector takes them.
func TestSlowPuts(t *testing.T) {
	t.Parallel()
	for _, s := range []Schedule{NewSchedule(3, 20*time.Second), NewSchedule(3, 300*time.Second), NewJoinProbe(3, 20*time.Second)} {
		rules := s.slowPuts("Messages")
		if len(rules) == 0 || len(rules) != len(s.Busy) {
			t.Errorf("%v: %d rules for %d windows", s.Length, len(rules), len(s.Busy))
		}
		injector := faults.New(1)
		for _, r := range rules {
			if _, err := injector.Add(r); err != nil {
				t.Error(err)
			}
			if r.Until > s.Length || kindOf(r.Name) != SlowPuts {
				t.Errorf("a rule is %+v", r)
			}
		}
	}
	a, b := NewSchedule(3, time.Minute), NewSchedule(3, time.Minute)
	if !slices.Equal(a.Busy, b.Busy) {
		t.Errorf("the same seed makes %v and %v", a.Busy, b.Busy)
	}
}

func TestJoinQuotas(t *testing.T) {
	t.Parallel()
	quotas := joinQuotas(20, map[string]int{SlowPuts: 20}, map[string]int{BusyJoins: 21, BusySends: 19})
	met := map[string]bool{}
	for _, q := range quotas {
		met[q.Name] = q.Met
	}
	if !met[BusyJoins] || met[BusySends] || !met[SlowPuts] {
		t.Errorf("the quotas are %+v", quotas)
	}
}
