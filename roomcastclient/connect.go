package roomcastclient

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/retry"
)

// steadyAge is the age at which a connection counts as a success: after it, the
// backoff starts at RetryBase again.
const steadyAge = 5 * time.Second

// connect starts an attempt to connect after a delay. The caller holds c.mu.
func (c *Client) connect(in time.Duration) {
	if c.dialing {
		return
	}
	c.redialTimer.stop()
	c.redialTimer = c.after(in, func() {
		ctx, cancel := context.WithTimeout(c.ctx, c.opts.ConnectTimeout)
		c.dialing, c.redialNow, c.dialed, c.stopDial = true, false, time.Now(), cancel
		c.work.Go(func() {
			defer cancel()
			c.dial(ctx)
		})
	})
}

// dial makes one attempt to connect.
func (c *Client) dial(ctx context.Context) {
	socket, ends, err := c.handshake(ctx)
	open := c.lock(func() {
		c.dialing = false
		switch {
		case err != nil && c.redialNow:
			c.connect(0)
		case err != nil:
			c.connectFailed(err)
			c.retries++
			c.connect(c.backoff(c.retries))
		case c.active == nil:
			c.activate(c.open(socket, ends))
		default:
			c.next = c.open(socket, ends)
			c.joinAll(c.next)
			c.takeOver()
		}
	})
	if !open && err == nil {
		_ = socket.CloseNow()
	}
}

// activate puts a connection into use. The caller holds c.mu.
func (c *Client) activate(conn *connection) {
	c.active = conn
	c.failedConnects, c.failure = 0, nil
	c.resolveChecks(nil)
	c.startHeartbeat(conn)
	conn.rollover = c.after(retry.Between(c.opts.RolloverAfter*9/10, c.opts.RolloverAfter), c.beginRollover)
	c.joinAll(conn)
	c.sendWaiting()
	c.readInbox(conn)
	c.updateState()
}

// connectionLost handles a connection that is broken, or that the server no longer
// knows. The caller holds c.mu.
func (c *Client) connectionLost(conn *connection, err error) {
	if conn.gone {
		return
	}
	c.end(conn, false)
	if websocket.CloseStatus(err) == websocket.StatusMessageTooBig {
		c.failLargestFrame(conn)
	}
	switch conn {
	case c.active:
		c.failure = &Error{Code: CodeConnectionLost, Message: err.Error(), cause: err}
		c.fail(c.failure)
		c.noteShortLived(conn)
		c.active = nil
		for _, r := range c.rooms {
			r.announce = r.announce || c.next == nil || !c.next.joined[r.id]
		}
		c.reconnect(conn)
	case c.next:
		c.next = nil
		c.fail(&Error{Code: CodeConnectionLost, Message: "before it was used: " + err.Error(), cause: err})
		c.retries++
		c.connect(c.backoff(c.retries))
	}
	c.releaseRequests(conn)
}

// reconnect continues after the loss of the connection in use. The caller holds
// c.mu.
func (c *Client) reconnect(old *connection) {
	c.endRollover(&Error{Code: CodeNoConnection, Message: "the connection was lost before it was replaced"})
	if next := c.next; next != nil {
		if !c.inAllRooms(next) {
			c.setState(StateReconnecting)
		}
		c.next = nil
		c.activate(next)
		return
	}
	c.setState(StateReconnecting)
	if c.wasSteady(old) {
		c.retries = 0
	}
	if old.unresponsive {
		c.reconnectNow() // probably only this connection is dead, not the server
		return
	}
	c.retries++
	c.connect(c.backoff(c.retries))
}

// wasSteady reports whether a connection lasted long enough to count as a success.
func (c *Client) wasSteady(conn *connection) bool {
	return time.Since(conn.opened) >= steadyAge
}

// failLargestFrame handles a connection that the server closed because a frame was
// too large, so that the client does not send it again. The frame is taken to be
// the largest of those without a reply: none that large would be accepted either.
// The caller holds c.mu.
func (c *Client) failLargestFrame(conn *connection) {
	var largest *request
	for _, q := range c.requests {
		if q.sentOn == conn && !q.paused && (largest == nil || len(q.frame) > len(largest.frame)) {
			largest = q
		}
	}
	if largest != nil {
		c.finish(largest, nil, &Error{
			Code:    CodeMessageTooLarge,
			Message: fmt.Sprintf("the server closed the connection because of a frame of %d bytes; send less, or in parts", len(largest.frame)),
		})
	}
}

// releaseRequests takes the requests off a connection that is gone: those that
// only made sense there end, the others are sent again. The caller holds c.mu.
func (c *Client) releaseRequests(conn *connection) {
	for _, q := range c.requests {
		switch {
		case q.boundTo == conn:
			c.finish(q, nil, errConnectionLost)
		case q.sentOn == conn && q.sendOnce:
			c.finish(q, nil, errOutcomeUnknown())
		case q.sentOn == conn:
			q.sentOn = nil
			if !q.paused {
				c.transmit(q)
			}
		}
	}
	for _, r := range c.rooms {
		c.finishLeave(r)
		c.syncRoom(c.active, r)
	}
}
