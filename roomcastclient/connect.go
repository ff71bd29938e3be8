package roomcastclient

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"
)

// steady is how many times RetryBase a connection has to hold to count as a
// success, after which retries begin at the base again.
const steadyAge = 10

// connect begins an attempt to connect, in a while. With c.mu held.
func (c *Client) connect(in time.Duration) {
	if c.dialing {
		return
	}
	c.redialTimer.stop()
	c.redialTimer = c.after(in, func() {
		ctx, cancel := context.WithTimeout(c.ctx, c.opts.ReplyTimeout)
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
			c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
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

// use makes a connection the one in use. With c.mu held.
func (c *Client) activate(conn *connection) {
	c.active = conn
	c.failedConnects, c.failure = 0, nil
	c.setState(StateOpen)
	c.resolveChecks(nil)
	c.startHeartbeat(conn)
	conn.rollover = c.after(jitter(c.opts.RolloverAfter*9/10, c.opts.RolloverAfter), c.beginRollover)
	c.joinAll(conn)
	c.sendWaiting()
	c.readInbox(conn)
}

// lost takes in that a connection is broken, or that the server has forgotten
// it. With c.mu held.
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
		c.failure = fmt.Errorf("roomcast: connection lost: %w", err)
		c.fail(c.failure)
		c.noteShortLived(conn)
		c.active = nil
		for _, r := range c.rooms {
			r.announce = r.announce || c.next == nil || !c.next.joined[r.id]
		}
		c.reconnect(conn)
	case c.next:
		c.next = nil
		c.fail(fmt.Errorf("roomcast: connection lost before it was used: %w", err))
		c.retries++
		c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
	}
	c.releaseRequests(conn)
}

// reconnect goes on after the loss of the connection in use. With c.mu held.
func (c *Client) reconnect(old *connection) {
	c.endRollover(&Error{Code: CodeNoConnection, Message: "the connection was lost before it was replaced"})
	if next := c.next; next != nil {
		c.next = nil
		c.activate(next)
		return
	}
	c.setState(StateReconnecting)
	if c.wasSteady(old) {
		c.retries = 0
	}
	if old.unresponsive {
		c.reconnectNow() // the server may be well, and only this connection be dead
		return
	}
	c.retries++
	c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
}

// wasSteady reports whether a connection held long enough to count as a success.
func (c *Client) wasSteady(conn *connection) bool {
	return time.Since(conn.opened) >= steadyAge*c.opts.RetryBase
}

// tooLarge takes in that the server has ended a connection over the size of a
// frame, which is not sent again. It is the largest of those without an answer:
// no frame that is as large would be taken either. With c.mu held.
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
			Message: fmt.Sprintf("the server closed the connection over a frame of %d bytes: send less, or in parts", len(largest.frame)),
		})
	}
}

// release lets go of the requests of a connection that is gone: those that only
// made sense there end, the others go out again. With c.mu held.
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
