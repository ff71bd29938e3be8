package realtimetest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
)

var rateTests = []storeCase{
	{"a window takes so many", testSpend},
	{"a window takes so many at the same time", testSpendAtOnce},
}

// spend counts one more in a window and reports whether there was room for it.
func (s *storeTest) spend(userID string, window int64, most int) bool {
	s.Helper()
	err := s.Rates.Spend(s.Context(), userID, window, most, noon.Add(time.Hour))
	if err != nil && !errors.Is(err, realtime.ErrSpent) {
		s.Fatal(err)
	}
	return err == nil
}

func testSpend(s *storeTest) {
	for i, step := range []struct {
		userID string
		window int64
		most   int
		want   bool
	}{
		{"ada", 7, 2, true}, {"ada", 7, 2, true}, {"ada", 7, 2, false}, {"ada", 7, 2, false},
		{"ada", 8, 2, true}, {"bob", 7, 2, true}, {"a#7", 7, 1, true}, {"a", 7, 1, true},
		{"ada", 7, 3, true}, // what was refused is not counted
		{"ada", 7, 3, false}, {"ada", -1, 1, true}, {"ada", 7, 2, false},
	} {
		if got := s.spend(step.userID, step.window, step.most); got != step.want {
			s.Errorf("step %d: %+v: got %v", i, step, got)
		}
	}
}

func testSpendAtOnce(s *storeTest) {
	const most = 20
	var counted atomic.Int64
	atOnce(2*most, func(int) {
		if s.spend("ada", 1, most) {
			counted.Add(1)
		}
	})
	if got := counted.Load(); got != most {
		s.Errorf("counted %d, want %d", got, most)
	}
}
