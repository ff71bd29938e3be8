package roomcastclient

import "time"

// alarm is a timer whose function runs with the client's lock held, and never
// after stop.
type timer struct {
	clock   *time.Timer
	stopped bool
}

// after runs f in a while. With c.mu held, as f will be.
func (c *Client) after(d time.Duration, f func()) *timer {
	a := &timer{}
	a.clock = time.AfterFunc(d, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if !a.stopped && !c.closed {
			a.stopped = true
			f()
		}
	})
	return a
}

// stop is for an alarm that is of no use any more. It may be nil.
func (a *timer) stop() {
	if a != nil {
		a.stopped = true
		a.clock.Stop()
	}
}

// pending reports whether the alarm is still to come.
func (a *timer) pending() bool { return a != nil && !a.stopped }
