package roomcastclient

import (
	"context"
	"time"
)

// rolloverGrace is how long a connection that was replaced stays open, for the
// answers that are on their way. What is unanswered then goes out again, if it
// may be sent twice.
const rolloverGrace = time.Second

// Rollover replaces the connection now, as the client does by itself at the age
// of RolloverAfter: the new one is in all rooms before the old one is given up.
// It waits until that is done. [CodeNoConnection] says that there was no
// connection, or that it was lost before, and [CodeTimeout] that it took longer
// than QueueTimeout; the client goes on by itself.
func (c *Client) Rollover(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	done := make(chan error, 1)
	if !c.lock(func() {
		if c.active == nil {
			done <- &Error{Code: CodeNoConnection, Message: "there is no connection to replace"}
			return
		}
		c.rolloverWaiters = append(c.rolloverWaiters, done)
		c.beginRollover()
	}) {
		return errClosed()
	}
	ctx, cancel := withTimeLimit(ctx, c.opts.QueueTimeout)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return c.timeLimitError(context.Cause(ctx), "the connection is not replaced yet", c.opts.QueueTimeout)
	}
}

// beginRollover makes the connection that is to replace the one in use. With
// c.mu held.
func (c *Client) beginRollover() {
	if c.active != nil && !c.rollingOver {
		c.rollingOver = true
		c.connect(0)
	}
}

// takeOver puts the next connection in the place of the one in use, as soon as
// it is in every room. With c.mu held.
func (c *Client) takeOver() {
	if c.active == nil || c.next == nil {
		return
	}
	for _, r := range c.rooms {
		if r.needed() && !c.next.joined[r.id] {
			return
		}
	}
	old := c.active
	old.heartbeat.stop()
	old.rollover.stop()
	next := c.next
	c.next = nil
	c.activate(next)
	c.closeAfterGrace(old)
	if c.opts.OnRollover != nil {
		c.emit(c.opts.OnRollover)
	}
	c.endRollover(nil)
}

// retire closes a connection that was replaced, in a while. A request that is
// sent once would be lost with it, so it has its answer first, or its time is up.
// With c.mu held.
func (c *Client) closeAfterGrace(old *connection) {
	c.after(rolloverGrace, func() {
		if old.gone {
			return
		}
		for _, q := range c.requests {
			if q.sendOnce && q.sentOn == old {
				c.closeAfterGrace(old)
				return
			}
		}
		c.end(old, true)
		c.releaseRequests(old)
	})
}

// endRollover answers the calls of Rollover. With c.mu held.
func (c *Client) endRollover(err error) {
	c.rollingOver = false
	for _, done := range c.rolloverWaiters {
		done <- err
	}
	c.rolloverWaiters = nil
}
