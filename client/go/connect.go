package roomcast

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
		c.dialing = true
		c.work.Go(c.dial)
	})
}

// dial makes one attempt to connect.
func (c *Client) dial() {
	ctx, cancel := context.WithTimeout(c.ctx, c.opts.ReplyTimeout)
	defer cancel()
	socket, ends, err := c.handshake(ctx)
	open := c.lock(func() {
		c.dialing = false
		switch {
		case err != nil:
			c.fail(fmt.Errorf("roomcast: connect: %w", err))
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

// handshake makes a socket. It also returns when its token ends, zero where
// that is not known.
func (c *Client) handshake(ctx context.Context) (*websocket.Conn, time.Time, error) {
	url, err := c.opts.URL(ctx)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("URL: %w", err)
	}
	var token string
	options := &websocket.DialOptions{HTTPClient: c.opts.HTTPClient}
	if c.opts.Token != nil {
		if token, err = c.token(ctx); err != nil {
			return nil, time.Time{}, err
		}
		if !c.opts.TokenInQuery {
			options.Subprotocols = []string{subprotocol, token}
		} else if url, err = withToken(url, token); err != nil {
			return nil, time.Time{}, err
		}
	}
	socket, _, err := websocket.Dial(ctx, url, options)
	return socket, endOf(token), withoutToken(err, token)
}

// use makes a connection the one in use. With c.mu held.
func (c *Client) use(conn *connection) {
	c.active = conn
	c.setState(Open)
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
	switch conn {
	case c.active:
		c.fail(fmt.Errorf("roomcast: connection lost: %w", err))
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
	c.endRollover(ErrNoConnection)
	if next := c.next; next != nil {
		c.next = nil
		c.use(next)
		return
	}
	c.setState(Reconnecting)
	if time.Since(old.opened) >= steady*c.opts.RetryBase {
		c.retries = 0
	}
	c.retries++
	c.connect(backoff(c.retries, c.opts.RetryBase, c.opts.RetryMax))
}

// release lets go of the requests of a connection that is gone: those that only
// made sense there end, the others go out again. With c.mu held.
func (c *Client) release(conn *connection) {
	for _, q := range c.requests {
		switch {
		case q.only == conn:
			c.settle(q, nil, errConnectionLost)
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
