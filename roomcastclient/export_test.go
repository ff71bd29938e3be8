package roomcastclient

import "time"

// Waiters returns how many calls of Join, CheckConnection and Rollover the client
// would still answer.
func (c *Client) Waiters() (n int) {
	c.lock(func() {
		n = len(c.checkWaiters) + len(c.rolloverWaiters)
		for _, r := range c.rooms {
			n += len(r.joining)
		}
	})
	return n
}

// SetClock replaces the client's wall clock.
func (o *Options) SetClock(now func() time.Time) { o.now = now }
