package base

import (
	"time"

	"github.com/roomcast/roomcast/internal/retry"
)

// The wait before a retry is random: up to firstBackoff before the first retry,
// up to twice as much before each further one, and never above maxBackoff.
const (
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 800 * time.Millisecond
)

// Backoff returns how long to wait before retry n, where 0 is the first retry.
func Backoff(n int) time.Duration {
	return retry.FullJitter(firstBackoff, maxBackoff, n)
}
