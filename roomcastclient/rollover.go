package roomcastclient

import (
	"context"
	"time"
)

// rolloverGrace is how long a replaced connection stays open for replies that are
// on their way. Requests without a reply are then sent again, if a copy is
// allowed.
const rolloverGrace = time.Second

// Rollover replaces the connection now, as the client does by itself at the age of
// Options.RolloverAfter: the new connection joins all rooms before the old one is
// closed. Rollover returns when that is done. It fails with CodeNoConnection if
// there was no connection or it was lost before it was replaced, and with
// CodeTimeout after Options.CallTimeout; the client then continues by itself.
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
	ctx, cancel := withTimeLimit(ctx, c.opts.CallTimeout)
	defer cancel()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		c.lock(func() { c.rolloverWaiters = without(c.rolloverWaiters, done) })
		return c.timeLimitError(context.Cause(ctx), "the connection is not replaced yet", c.opts.CallTimeout)
	}
}

// beginRollover opens the connection that is to replace the one in use. The caller
// holds c.mu.
func (c *Client) beginRollover() {
	if c.active != nil && !c.rollingOver {
		c.rollingOver = true
		c.connect(0)
	}
}

// takeOver puts the next connection into use as soon as it is in every room. The
// caller holds c.mu.
func (c *Client) takeOver() {
	if c.active == nil || c.next == nil || !c.inAllRooms(c.next) {
		return
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

// closeAfterGrace closes a replaced connection after a delay. A request that is
// sent only once would be lost with it, so the connection stays until such a
// request has its reply or times out. The caller holds c.mu.
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

// endRollover ends the pending calls of Rollover. The caller holds c.mu.
func (c *Client) endRollover(err error) {
	c.rollingOver = false
	for _, done := range c.rolloverWaiters {
		done <- err
	}
	c.rolloverWaiters = nil
}
