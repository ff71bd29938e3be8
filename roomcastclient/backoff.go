package roomcastclient

import (
	"math/rand/v2"
	"time"
)

// backoff returns how long to wait before the given retry (1 is the first):
// anything between 0 and a limit that doubles from base to most. The whole
// range is used ("full jitter"), so that the clients of a restarted server do
// not come back in step; see
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func backoff(retry int, base, most time.Duration) time.Duration {
	limit := most
	if doublings := retry - 1; doublings < 32 && base<<doublings < most {
		limit = base << doublings
	}
	return jitter(0, limit)
}

// jitter returns anything from least to most.
func jitter(least, most time.Duration) time.Duration {
	return least + rand.N(most-least+1)
}
