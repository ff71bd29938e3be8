package realtime

import (
	"context"
	"math/rand/v2"
	"time"
)

// The wait before a retry is random, up to firstBackoff before the first and
// twice as much before each further one, never above maxBackoff.
const (
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 800 * time.Millisecond
)

// backoff returns how long to wait after a failed try, the first being 0.
// Waits that are random from zero ("full jitter") spread the retries best:
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func backoff(try int) time.Duration {
	most := maxBackoff
	if try < 4 { // from there on the maximum is reached, and shifting could overflow
		most = firstBackoff << try
	}
	return rand.N(most)
}

// sleep waits, or returns the context's error as soon as it ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
