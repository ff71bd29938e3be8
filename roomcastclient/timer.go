package roomcastclient

import (
	"time"

	"github.com/roomcast/roomcast/internal/retry"
)

// timer runs a function once, with the client's lock held. The function never
// runs after stop or after the client is closed.
type timer struct {
	clock *time.Timer
	done  bool // it has run or was stopped
}

// after runs f after d. The caller holds c.mu, and f runs with it held.
func (c *Client) after(d time.Duration, f func()) *timer {
	t := &timer{}
	t.clock = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !t.done && !c.closed {
			t.done = true
			f()
		}
	})
	return t
}

// stop cancels the timer. A nil timer is fine.
func (t *timer) stop() {
	if t != nil {
		t.done = true
		t.clock.Stop()
	}
}

// pending reports whether the function is still to run. A nil timer is not
// pending.
func (t *timer) pending() bool { return t != nil && !t.done }

// backoff returns how long to wait before a retry, where 1 is the first.
func (c *Client) backoff(attempt int) time.Duration {
	return retry.FullJitter(c.opts.RetryBase, c.opts.RetryMax, attempt-1)
}
