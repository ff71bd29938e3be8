package realtimetest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

var rateTests = []storeCase{
	{"a bucket gives what it holds", testSpend},
	{"a bucket goes into debt only when it is full", testSpendDebt},
	{"a bucket gives so much at the same time", testSpendAtOnce},
}

// spend takes so many seconds out of a bucket that holds ten, so long after noon.
// It compares when the bucket is full then, in seconds after noon.
func (s *storeTest) spend(key limits.BucketKey, at, cost, known, want time.Duration, ok bool) {
	s.Helper()
	const burst = 10 * time.Second
	sp := limits.Withdrawal{Cost: cost, Burst: burst, At: noon.Add(at)}
	if known != 0 {
		sp.FullAt = noon.Add(known)
	}
	full, err := s.Buckets.Withdraw(s.Context(), key, sp)
	if err != nil && !errors.Is(err, limits.ErrRateLimited) {
		s.Fatal(err)
	}
	if (err == nil) != ok || !full.Equal(noon.Add(want)) {
		s.Errorf("%v out of %q %v after noon: full %v after noon, %v; want %v and taken: %v", cost, key, at, full.Sub(noon), err, want, ok)
	}
}

func testSpend(s *storeTest) {
	const sec = time.Second
	for _, step := range []struct {
		key                   limits.BucketKey
		at, cost, known, want time.Duration
		ok                    bool
	}{
		{"ada", 0, 4 * sec, 0, 4 * sec, true},
		{"ada", 0, 4 * sec, 4 * sec, 8 * sec, true},
		{"ada", 0, 4 * sec, 0, 8 * sec, false},       // what is refused is not taken
		{"ada", 0, 2 * sec, 4 * sec, 10 * sec, true}, // what is known is out of date
		{"ada", 0, 1, 0, 10 * sec, false},
		{"ada", sec, sec, 0, 11 * sec, true}, // a second fills it by a second
		{"bob", 0, 10 * sec, 0, 10 * sec, true},
		{"ada#", 0, sec, 0, sec, true},
		{"bob", 20 * sec, sec, 0, 21 * sec, true}, // it does not hold more than when it is full
		{"bob", 20 * sec, 9 * sec, 0, 30 * sec, true},
		{"bob", 20 * sec, sec, 0, 30 * sec, false},
		{"bob", 20*sec + 3*time.Microsecond, 3 * time.Microsecond, 0, 30*sec + 3*time.Microsecond, true},
	} {
		s.spend(step.key, step.at, step.cost, step.known, step.want, step.ok)
	}
}

func testSpendDebt(s *storeTest) {
	const sec = time.Second
	s.spend("ada", 0, 60*sec, 0, 60*sec, true)
	s.spend("ada", 0, 60*sec, 0, 60*sec, false)
	s.spend("ada", 49*sec, 2*sec, 0, 60*sec, false)
	s.spend("ada", 50*sec, sec, 60*sec, 60*sec, false)
	s.spend("ada", 51*sec, sec, 60*sec, 61*sec, true)
	s.spend("ada", 60*sec, 20*sec, 0, 61*sec, false)
	s.spend("ada", 61*sec, 20*sec, 0, 81*sec, true)
}

func testSpendAtOnce(s *storeTest) {
	const most = 20
	var taken atomic.Int64
	atOnce(2*most, func(int) {
		_, err := s.Buckets.Withdraw(s.Context(), "ada", limits.Withdrawal{Cost: time.Second, Burst: most * time.Second, At: noon})
		switch {
		case err == nil:
			taken.Add(1)
		case !errors.Is(err, limits.ErrRateLimited):
			s.Error(err)
		}
	})
	if got := taken.Load(); got != most {
		s.Errorf("took %d, want %d", got, most)
	}
}
