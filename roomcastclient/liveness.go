package roomcastclient

import (
	"context"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// clockInterval is how often the clocks are compared.
	clockInterval = 5 * time.Second
	// clockTolerance is how far the wall clock may run ahead of the timer before
	// the process counts as suspended. Timers of a busy machine are late, too.
	clockTolerance = 5 * time.Second
)

// CheckConnection makes sure that the connection works, and replaces it if it does
// not. Call it when the network has changed: TCP may take minutes to notice a dead
// connection. The client pings, and connects again if nothing arrives within
// Options.ProbeTimeout. If it is waiting to reconnect, it tries at once. The
// client does all this by itself when the machine wakes from sleep, and when a
// request has no reply.
//
// CheckConnection returns nil once there is a connection that works. It returns an
// error at the end of ctx or after Options.CallTimeout; the client then continues to
// try.
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
	if err != nil {
		c.lock(func() { c.checkWaiters = without(c.checkWaiters, done) })
	}
	return c.timeLimitError(err, "there is no working connection", c.opts.CallTimeout)
}

// verifyConnections makes every connection prove that it works, or connects at
// once without one. The caller holds c.mu.
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

// resolveChecks ends the pending calls of CheckConnection. The caller holds c.mu.
func (c *Client) resolveChecks(err error) {
	for _, done := range c.checkWaiters {
		done <- answer[struct{}]{err: err}
	}
	c.checkWaiters = nil
}

// reconnectNow brings the next attempt to connect forward, but keeps RetryBase
// between two attempts. An attempt that has been under way for ProbeTimeout is
// abandoned, because the network may have changed since. The caller holds c.mu.
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

// verifyAlive pings a connection, and ends it if nothing arrives within
// ProbeTimeout. The caller holds c.mu.
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
	// A ping without rooms has a reply even when the token has expired.
	if err := q.setFrame(outgoing{Action: protocol.ActionPing, ClientID: c.newID(), Heartbeat: c.pingSeconds()}); err != nil {
		c.fail(fmt.Errorf("roomcast: ping: %w", err))
		return
	}
	c.startRequest(q)
}

// awaitTraffic ends a connection on which nothing arrives for ProbeTimeout. A
// frame that arrives may have been on its way for some time, so it only restarts
// the wait; the reply to the ping ends it. The caller holds c.mu.
func (c *Client) awaitTraffic(conn *connection) {
	conn.livenessTimer.stop()
	conn.livenessTimer = c.after(c.opts.ProbeTimeout, func() {
		conn.unresponsive = true
		c.connectionLost(conn, fmt.Errorf("nothing arrived within %v of a ping", c.opts.ProbeTimeout))
	})
}

// watchClock verifies the connections when the process seems to have been
// suspended: the wall clock went further than the timer. The caller holds c.mu.
func (c *Client) watchClock() {
	before := c.opts.now()
	c.clockTimer = c.after(clockInterval, func() {
		if c.opts.now().Sub(before) > clockInterval+clockTolerance {
			c.verifyConnections()
		}
		c.watchClock()
	})
}
