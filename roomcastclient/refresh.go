package roomcastclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// refreshAhead is how long before its expiry a token is replaced, or half of
	// its remaining life if that is less. Up to half as long again is added at
	// random.
	refreshAhead = 30 * time.Second
	// minRefreshGap is the least time between two refreshes of a connection,
	// whatever the tokens say.
	minRefreshGap = time.Second
)

// tokenState is the state of a connection's token. The client's lock guards it.
type tokenState struct {
	expired  bool      // the server accepts nothing but a refresh
	running  bool      // a new token is being fetched or sent
	next     *timer    // the next time to ask for one
	last     time.Time // of the last refresh
	refusals int       // tokens that the server refused
}

// planRefresh schedules the refresh of a connection's token before it expires; a
// zero time means that the expiry is not known. If the clock is wrong, the refresh
// comes too late at worst, and the server reports that the token has expired. The
// caller holds c.mu.
func (c *Client) planRefresh(conn *connection, ends time.Time) {
	conn.token.next.stop()
	left := ends.Sub(c.opts.now())
	if c.opts.Token == nil || conn.gone || left <= 0 {
		return
	}
	ahead := min(refreshAhead, left/2)
	conn.token.next = c.after(left-retry.Between(ahead, ahead*3/2), func() { c.refresh(conn) })
}

// tokenExpired handles that the server accepts nothing more on a connection before
// it has a new token. The caller holds c.mu.
func (c *Client) tokenExpired(conn *connection, err *Error) {
	conn.token.expired = true
	if c.opts.Token == nil {
		c.connectionLost(conn, err) // the next URL may hold a newer token
		return
	}
	c.refresh(conn)
}

// refresh replaces a connection's token, unless that is under way. After two
// refusals it leaves that to the next connection. The caller holds c.mu.
func (c *Client) refresh(conn *connection) {
	t := &conn.token
	switch {
	case conn.gone || t.running:
	case t.refusals > 1:
		c.connectionLost(conn, errors.New("the token has expired, and the server refused two newer ones"))
	default:
		t.running = true
		c.fetchToken(conn, minRefreshGap-time.Since(t.last), 1)
	}
}

// fetchToken gets a token from the application after a delay and sends it to the
// server. The caller holds c.mu.
func (c *Client) fetchToken(conn *connection, in time.Duration, try int) {
	conn.token.next.stop()
	conn.token.next = c.after(max(0, in), func() {
		c.work.Go(func() {
			ctx, cancel := context.WithTimeout(c.ctx, c.opts.ConnectTimeout)
			defer cancel()
			token, err := c.token(ctx)
			c.lock(func() {
				switch {
				case conn.gone:
				case err != nil:
					c.fail(refreshFailed(err))
					c.fetchToken(conn, c.backoff(try), try+1)
				default:
					c.sendToken(conn, token)
				}
			})
		})
	})
}

// sendToken sends a connection's new token. The caller holds c.mu.
func (c *Client) sendToken(conn *connection, token string) {
	q := &request{
		boundTo:   conn,
		onNoReply: func() { c.connectionLost(conn, errors.New("no reply to a refresh")) },
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
		c.tokenRefused(conn, err)
		return
	}
	c.startRequest(q)
}

// refreshed handles that a connection has a new token. The caller holds c.mu.
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

// tokenRefused handles that the server refused a new token. The client tries one
// more, later, and leaves a third to the next connection. The caller holds c.mu.
func (c *Client) tokenRefused(conn *connection, err error) {
	c.fail(refreshFailed(err))
	t := &conn.token
	t.refusals++
	if e, _ := err.(*Error); t.refusals == 1 && e != nil && e.Code == CodeBadToken {
		c.fetchToken(conn, retry.Between(c.opts.RetryMax/2, c.opts.RetryMax), 1)
		return
	}
	t.refusals, t.running = 2, false
	if t.expired {
		c.connectionLost(conn, err)
	}
}

func refreshFailed(err error) error {
	return &Error{Code: CodeRefreshFailed, Message: err.Error(), cause: err}
}

// revoke handles that the server removed a connection from a room, which its new
// token does not permit. The caller holds c.mu.
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

// emitLeft reports that the client is out of a room that it did not leave. The
// caller holds c.mu.
func (c *Client) emitLeft(roomID string, err error) {
	c.emit(func() { notify(c, roomID, leavesOf, c.opts.OnLeft, Left{RoomID: roomID, Err: err}) })
}
