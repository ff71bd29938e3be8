package roomcastclient

import "time"

// alarm is a timer whose function runs with the client's lock held, and never
// after stop.
type alarm struct {
	timer   *time.Timer
	stopped bool
}

// after runs f in a while. With c.mu held, as f will be.
func (c *Client) after(d time.Duration, f func()) *alarm {
	a := &alarm{}
	a.timer = time.AfterFunc(d, func() {
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
func (a *alarm) stop() {
	if a != nil {
		a.stopped = true
		a.timer.Stop()
	}
}

// pending reports whether the alarm is still to come.
func (a *alarm) pending() bool { return a != nil && !a.stopped }
