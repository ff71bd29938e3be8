package roomcastclient

import (
	"context"
	"fmt"
	"time"

	"github.com/coder/websocket"
)

// steady is how many times RetryBase a connection has to hold to count as a
// success, after which retries begin at the base again.
const steady = 10

// connect begins an attempt to connect, in a while. With c.mu held.
func (c *Client) connect(in time.Duration) {
	if c.dialing {
		return
	}
	c.redial.stop()
	c.redial = c.after(in, func() {
		ctx, cancel := context.WithTimeout(c.ctx, c.opts.ReplyTimeout)
		c.dialing, c.hurried, c.dialed, c.stopDial = true, false, time.Now(), cancel
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
		case err != nil && c.hurried:
			c.connect(0)
		case err != nil:
			c.refuse(err)
			c.retries++
			c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
		case c.active == nil:
			c.use(c.open(socket, ends))
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
func (c *Client) use(conn *connection) {
	c.active = conn
	c.refused, c.failure = 0, nil
	c.setState(StateOpen)
	c.checked(nil)
	c.startHeartbeat(conn)
	conn.rollover = c.after(jitter(c.opts.RolloverAfter*9/10, c.opts.RolloverAfter), c.beginRollover)
	c.joinAll(conn)
	c.sendWaiting()
	c.readInbox(conn)
}

// lost takes in that a connection is broken, or that the server has forgotten
// it. With c.mu held.
func (c *Client) lost(conn *connection, err error) {
	if conn.gone {
		return
	}
	c.end(conn, false)
	if websocket.CloseStatus(err) == websocket.StatusMessageTooBig {
		c.tooLarge(conn)
	}
	switch conn {
	case c.active:
		c.failure = fmt.Errorf("roomcast: connection lost: %w", err)
		c.fail(c.failure)
		c.noteLoss(conn)
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
	c.release(conn)
}

// reconnect goes on after the loss of the connection in use. With c.mu held.
func (c *Client) reconnect(old *connection) {
	c.endRollover(&Error{Code: CodeNoConnection, Message: "the connection was lost before it was replaced"})
	if next := c.next; next != nil {
		c.next = nil
		c.use(next)
		return
	}
	c.setState(StateReconnecting)
	if c.wasSteady(old) {
		c.retries = 0
	}
	if old.silent {
		c.hurry() // the server may be well, and only this connection be dead
		return
	}
	c.retries++
	c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
}

// wasSteady reports whether a connection held long enough to count as a success.
func (c *Client) wasSteady(conn *connection) bool {
	return time.Since(conn.opened) >= steady*c.opts.RetryBase
}

// tooLarge takes in that the server has ended a connection over the size of a
// frame, which is not sent again. It is the largest of those without an answer:
// no frame that is as large would be taken either. With c.mu held.
func (c *Client) tooLarge(conn *connection) {
	var largest *request
	for _, q := range c.requests {
		if q.on == conn && !q.paused && (largest == nil || len(q.frame) > len(largest.frame)) {
			largest = q
		}
	}
	if largest != nil {
		c.settle(largest, nil, &Error{
			Code:    CodeMessageTooLarge,
			Message: fmt.Sprintf("the server closed the connection over a frame of %d bytes: send less, or in parts", len(largest.frame)),
		})
	}
}

// release lets go of the requests of a connection that is gone: those that only
// made sense there end, the others go out again. With c.mu held.
func (c *Client) release(conn *connection) {
	for _, q := range c.requests {
		switch {
		case q.only == conn:
			c.settle(q, nil, errConnectionLost)
		case q.on == conn && q.single:
			c.settle(q, nil, errOutcomeUnknown())
		case q.on == conn:
			q.on = nil
			if !q.paused {
				c.transmit(q)
			}
		}
	}
	for _, r := range c.rooms {
		c.finishLeave(r)
		c.tend(c.active, r)
	}
}
