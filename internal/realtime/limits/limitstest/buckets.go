package limitstest

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var bucketTests = storetest.Cases[*storeTest]{
	"a bucket gives what it holds":                 testWithdraw,
	"a bucket goes into debt only when it is full": testDebt,
	"a bucket gives so much at the same time":      testWithdrawConcurrently,
}

// spend withdraws seconds from a bucket that holds ten, at a time after storetest.Noon. It
// compares when the bucket is full then, in seconds after storetest.Noon.
func (s *storeTest) spend(key limits.BucketKey, at, cost, known, want time.Duration, ok bool) {
	s.Helper()
	const burst = 10 * time.Second
	sp := limits.Withdrawal{Cost: cost, Burst: burst, At: storetest.Noon.Add(at)}
	if known != 0 {
		sp.FullAt = storetest.Noon.Add(known)
	}
	full, err := s.Buckets.Withdraw(s.Context(), key, sp)
	if err != nil && !errors.Is(err, limits.ErrRateLimited) {
		s.Fatal(err)
	}
	if (err == nil) != ok || !full.Equal(storetest.Noon.Add(want)) {
		s.Errorf("%v out of %q %v after storetest.Noon: full %v after storetest.Noon, %v; want %v and taken: %v", cost, key, at, full.Sub(storetest.Noon), err, want, ok)
	}
}

func testWithdraw(s *storeTest) {
	const sec = time.Second
	for _, step := range []struct {
		key                   limits.BucketKey
		at, cost, known, want time.Duration
		ok                    bool
	}{
		{"ada", 0, 4 * sec, 0, 4 * sec, true},
		{"ada", 0, 4 * sec, 4 * sec, 8 * sec, true},
		{"ada", 0, 4 * sec, 0, 8 * sec, false},       // a refused withdrawal takes nothing
		{"ada", 0, 2 * sec, 4 * sec, 10 * sec, true}, // the caller knows an older time
		{"ada", 0, 1, 0, 10 * sec, false},
		{"ada", sec, sec, 0, 11 * sec, true}, // a second fills it by a second
		{"bob", 0, 10 * sec, 0, 10 * sec, true},
		{"ada#", 0, sec, 0, sec, true},
		{"bob", 20 * sec, sec, 0, 21 * sec, true}, // it holds no more than a full one
		{"bob", 20 * sec, 9 * sec, 0, 30 * sec, true},
		{"bob", 20 * sec, sec, 0, 30 * sec, false},
		{"bob", 20*sec + 3*time.Microsecond, 3 * time.Microsecond, 0, 30*sec + 3*time.Microsecond, true},
	} {
		s.spend(step.key, step.at, step.cost, step.known, step.want, step.ok)
	}
}

func testDebt(s *storeTest) {
	const sec = time.Second
	s.spend("ada", 0, 60*sec, 0, 60*sec, true)
	s.spend("ada", 0, 60*sec, 0, 60*sec, false)
	s.spend("ada", 49*sec, 2*sec, 0, 60*sec, false)
	s.spend("ada", 50*sec, sec, 60*sec, 60*sec, false)
	s.spend("ada", 51*sec, sec, 60*sec, 61*sec, true)
	s.spend("ada", 60*sec, 20*sec, 0, 61*sec, false)
	s.spend("ada", 61*sec, 20*sec, 0, 81*sec, true)
}

func testWithdrawConcurrently(s *storeTest) {
	const most = 20
	var taken atomic.Int64
	storetest.Concurrently(2*most, func(int) {
		_, err := s.Buckets.Withdraw(s.Context(), "ada", limits.Withdrawal{Cost: time.Second, Burst: most * time.Second, At: storetest.Noon})
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
