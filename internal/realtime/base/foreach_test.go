package base

import (
	"errors"
	"sync/atomic"
	"testing"
)

func TestForEachMakesEveryCall(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for _, n := range []int{0, 1, 7, 100} {
		var calls, inFlight, most atomic.Int64
		done := make([]bool, n)
		err := ForEach(n, 3, func(i int) error {
			now := inFlight.Add(1)
			for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
			}
			defer inFlight.Add(-1)
			calls.Add(1)
			done[i] = true
			if i == n/2 {
				return failed
			}
			return nil
		})
		if (n > 0) != errors.Is(err, failed) || int(calls.Load()) != n || most.Load() > 3 {
			t.Errorf("%d calls: made %d, %d at a time, %v", n, calls.Load(), most.Load(), err)
		}
		for i, ok := range done {
			if !ok {
				t.Errorf("%d calls: left out %d", n, i)
			}
		}
	}
}
