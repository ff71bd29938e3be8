package roomcastclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// early is how long before its end a token is replaced, or half of what is
	// left of it, if that is less; and at random up to half as long again.
	refreshAhead = 30 * time.Second
	// leastGap is how far apart the refreshes of a connection are at least,
	// whatever the tokens say.
	minRefreshGap = time.Second
)

// renewal is the state of a connection's token. All of it is under the client's
// lock.
type tokenState struct {
	expired  bool      // the server takes nothing before a refresh
	running  bool      // a new token is on its way
	next     *timer    // the next time to ask for one
	last     time.Time // of the last refresh
	refusals int       // tokens that the server refused
}

// planRefresh has the token of a connection replaced before it ends, zero for
// an end that is not known. A clock that is wrong makes that come too late at
// worst: then the server says that the token has ended. With c.mu held.
func (c *Client) planRefresh(conn *connection, ends time.Time) {
	conn.token.next.stop()
	left := ends.Sub(c.opts.now())
	if c.opts.Token == nil || conn.gone || left <= 0 {
		return
	}
	ahead := min(refreshAhead, left/2)
	conn.token.next = c.after(left-jitter(ahead, ahead*3/2), func() { c.refresh(conn) })
}

// tokenExpired takes in that the server takes nothing more on a connection
// before it has a new token. With c.mu held.
func (c *Client) tokenExpired(conn *connection, err *Error) {
	conn.token.expired = true
	if c.opts.Token == nil {
		c.connectionLost(conn, err) // the next URL may hold a newer token
		return
	}
	c.refresh(conn)
}

// refresh gets a connection a new token, unless that is under way. After two
// refusals it is left to the next connection. With c.mu held.
func (c *Client) refresh(conn *connection) {
	t := &conn.token
	switch {
	case conn.gone || t.running:
	case t.refusals > 1:
		c.connectionLost(conn, errors.New("the token has ended, and two newer ones were refused"))
	default:
		t.running = true
		c.fetchToken(conn, minRefreshGap-time.Since(t.last), 1)
	}
}

// askToken asks the application for a token in a while, and then gives it to
// the server. With c.mu held.
func (c *Client) fetchToken(conn *connection, in time.Duration, try int) {
	conn.token.next.stop()
	conn.token.next = c.after(max(0, in), func() {
		c.work.Go(func() {
			ctx, cancel := context.WithTimeout(c.ctx, c.opts.ReplyTimeout)
			defer cancel()
			token, err := c.token(ctx)
			c.lock(func() {
				switch {
				case conn.gone:
				case err != nil:
					c.fail(fmt.Errorf("roomcast: refresh: %w", err))
					c.fetchToken(conn, backoff(try, c.opts.RetryBase, c.opts.RetryMax), try+1)
				default:
					c.sendToken(conn, token)
				}
			})
		})
	})
}

// giveToken sends a connection's new token. With c.mu held.
func (c *Client) sendToken(conn *connection, token string) {
	q := &request{
		boundTo:   conn,
		onNoReply: func() { c.connectionLost(conn, errors.New("no answer to a refresh")) },
		done: func(in *incoming, err error) {
			switch {
			case conn.gone || c.closed:
			case err != nil:
				c.tokenRefused(conn, err)
			default:
				c.refreshed(conn, in, token)
			}
		},
	}
	if err := q.setFrame(outgoing{Action: protocol.ActionRefresh, ClientID: c.newID(), Token: token}); err != nil {
		c.fail(err)
		return
	}
	c.startRequest(q)
}

// refreshed takes in that a connection has a new token. With c.mu held.
func (c *Client) refreshed(conn *connection, in *incoming, token string) {
	ends := expiryOf(token)
	if in.ExpiresAt > 0 {
		ends = time.UnixMilli(in.ExpiresAt)
	}
	conn.token = tokenState{next: conn.token.next, last: time.Now()}
	c.planRefresh(conn, ends)
	for _, roomID := range in.Left {
		c.revoke(conn, roomID)
	}
	c.sendWaiting()
	c.takeOver()
}

// tokenRefused takes in that the server does not take a new token. Another one
// may be better, later; a third is left to the next connection. With c.mu held.
func (c *Client) tokenRefused(conn *connection, err error) {
	c.fail(fmt.Errorf("roomcast: refresh: %w", err))
	t := &conn.token
	t.refusals++
	if e, _ := err.(*Error); t.refusals == 1 && e != nil && e.Code == CodeBadToken {
		c.fetchToken(conn, jitter(c.opts.RetryMax/2, c.opts.RetryMax), 1)
		return
	}
	t.refusals, t.running = 2, false
	if t.expired {
		c.connectionLost(conn, err)
	}
}

// revoke takes in that the server has a connection out of a room, which its new
// token does not permit. With c.mu held.
func (c *Client) revoke(conn *connection, roomID string) {
	delete(conn.joined, roomID)
	conn.leftAt[roomID] = time.Now()
	r := c.rooms[roomID]
	switch {
	case r == nil:
		return
	case r.leaving:
		c.drop(r, nil)
	default:
		err := &Error{Code: CodeForbidden, Message: fmt.Sprintf("the new token does not permit the room %q", roomID)}
		c.drop(r, err)
		c.emitLeft(roomID, err)
	}
	for _, other := range []*connection{c.active, c.next} {
		if other != nil && other.joined[roomID] && other.roomOps[roomID] == nil {
			c.leave(other, roomID)
		}
	}
}

// tellLeft tells that the client is out of a room that it did not leave. With
// c.mu held.
func (c *Client) emitLeft(roomID string, err error) {
	if c.opts.OnLeft != nil {
		c.emit(func() { c.opts.OnLeft(roomID, err) })
	}
}
