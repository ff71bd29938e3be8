// Package retry has the two halves of every retry loop: how long to wait, and the
// wait itself.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// FullJitter returns the wait before retry n, where 0 is the first retry. The wait
// is random in [0, limit). The limit starts at base and doubles with each retry up
// to most. Both must be positive.
//
// Random waits from zero spread retries best:
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func FullJitter(base, most time.Duration, n int) time.Duration {
	return rand.N(Limit(base, most, n))
}

// Limit returns the upper bound of the wait before retry n, where 0 is the first
// retry: base doubled n times, but at most most.
func Limit(base, most time.Duration, n int) time.Duration {
	for ; n > 0 && base < most; n-- {
		base += min(base, most-base)
	}
	return min(base, most)
}

// Between returns a random duration in [least, most].
func Between(least, most time.Duration) time.Duration {
	return least + rand.N(most-least+1)
}

// Sleep waits for d. If ctx ends first, Sleep returns the context's error at once.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
