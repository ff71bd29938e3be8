package roomcastclient

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// tick is how often the wall clock is looked at.
	clockInterval = 5 * time.Second
	// lateTick is how late a tick may be before the process counts as suspended:
	// a busy machine is late, too.
	clockTolerance = 5 * time.Second
)

// CheckConnection has the client make sure that its connection works. Call it
// when the network has changed or the device has come back from sleep: TCP may
// not notice for minutes that a connection is dead. The client pings, and makes
// another connection at once if nothing comes within ProbeTimeout; while it waits
// to connect again, it tries now. It does this by itself when the wall clock has
// jumped, as after a suspend.
//
// It returns nil as soon as there is a connection that works. An error says that
// there was none by the end of ctx or within CallTimeout; the client goes on
// trying.
func (c *Client) CheckConnection(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	done := make(chan answer[struct{}], 1)
	if !c.lock(func() {
		c.checkWaiters = append(c.checkWaiters, done)
		c.verifyConnections()
	}) {
		return errClosed()
	}
	ctx, cancel := withTimeLimit(ctx, c.opts.CallTimeout)
	defer cancel()
	_, err := wait(ctx, done)
	return c.timeLimitError(err, "there is no connection that works", c.opts.CallTimeout)
}

// check has every connection prove that it lives, and an attempt to connect made
// now where there is none. With c.mu held.
func (c *Client) verifyConnections() {
	if c.active == nil {
		c.reconnectNow()
		return
	}
	c.verifyAlive(c.active)
	if c.next != nil {
		c.verifyAlive(c.next)
	}
}

// checked answers the calls of CheckConnection. With c.mu held.
func (c *Client) resolveChecks(err error) {
	for _, done := range c.checkWaiters {
		done <- answer[struct{}]{err: err}
	}
	c.checkWaiters = nil
}

// hurry brings the next attempt to connect forward, but not so that there is more
// than one in RetryBase. One that has been under way for ProbeTimeout is given up
// for it: the network may have changed since. With c.mu held.
func (c *Client) reconnectNow() {
	since := time.Since(c.dialed)
	if c.dialing {
		if since >= c.opts.ProbeTimeout {
			c.retries, c.redialNow = 0, true
			c.stopDial()
		}
		return
	}
	c.retries = 0
	c.connect(max(0, c.opts.RetryBase-since))
}

// doubt gives a connection ProbeTimeout for a sign of life, and pings it for one.
// With c.mu held.
func (c *Client) verifyAlive(conn *connection) {
	if conn.gone || conn.livenessTimer.pending() {
		return
	}
	c.awaitTraffic(conn)
	q := &request{boundTo: conn, anyReply: true, done: func(*incoming, error) {
		conn.livenessTimer.stop()
		if !conn.gone && conn == c.active {
			c.resolveChecks(nil)
		}
	}}
	// Without rooms: it is answered even when the token has ended.
	if err := q.setFrame(outgoing{Action: protocol.ActionPing, ClientID: c.newID(), Heartbeat: c.pingSeconds()}); err != nil {
		c.fail(fmt.Errorf("roomcast: ping: %w", err))
		return
	}
	c.startRequest(q)
}

// awaitSign ends a connection on which nothing comes for ProbeTimeout. What comes
// may be older than the doubt, so that it only begins anew then; the answer to
// the ping is proof. With c.mu held.
func (c *Client) awaitTraffic(conn *connection) {
	conn.livenessTimer.stop()
	conn.livenessTimer = c.after(c.opts.ProbeTimeout, func() {
		conn.unresponsive = true
		c.connectionLost(conn, fmt.Errorf("no sign of life within %v", c.opts.ProbeTimeout))
	})
}

// watchClock checks the connection whenever the process seems to have been
// suspended: the wall clock went on further than it should have. With c.mu held.
func (c *Client) watchClock() {
	before := c.opts.now()
	c.clockTimer = c.after(clockInterval, func() {
		if c.opts.now().Sub(before) > clockInterval+clockTolerance {
			c.verifyConnections()
		}
		c.watchClock()
	})
}
