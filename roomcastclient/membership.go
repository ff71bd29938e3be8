package roomcastclient

import (
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// joinAll joins every room on a connection, as far as that is not done. With c.mu held.
func (c *Client) joinAll(conn *connection) {
	for _, r := range c.rooms {
		c.tend(conn, r)
	}
}

// tend starts what a room needs on a connection, unless something is under way.
// With c.mu held.
func (c *Client) tend(conn *connection, r *room) {
	switch {
	case conn == nil || conn.gone || c.rooms[r.id] != r || conn.ops[r.id] != nil:
	case !r.stays():
		c.finishLeave(r)
	case conn != c.active && conn != c.next: // it was replaced and is about to be closed
		c.watch(r)
	case r.full[conn]:
	case !conn.joined[r.id] || !r.seq.started:
		c.join(conn, r)
	default:
		c.watch(r)
	}
}

// op begins a request about a room on one connection. With c.mu held.
func (c *Client) op(conn *connection, roomID string, out outgoing, done func(in *incoming, err error)) {
	out.ClientID, out.RoomID = c.newID(), roomID
	q := &request{only: conn}
	if err := q.ask(out); err != nil {
		c.fail(err)
		return
	}
	q.done = func(in *incoming, err error) {
		delete(conn.ops, roomID)
		if !c.closed && err != errConnectionLost {
			done(in, err)
		}
	}
	conn.ops[roomID] = q
	c.begin(q)
}

// join joins a room on a connection, for the first time, or again to get what
// is missing. With c.mu held.
func (c *Client) join(conn *connection, r *room) {
	out := outgoing{Action: protocol.ActionJoin, Heartbeat: c.promise()}
	since := out.after(r)
	c.op(conn, r.id, out, func(in *incoming, err error) {
		switch e, _ := err.(*Error); {
		case c.rooms[r.id] != r:
			c.outlived(conn, r.id)
			return
		case e != nil && e.Code == CodeUnknownPosition && since != nil:
			r.seq.refused(*since)
		case e != nil && e.Code == CodeLimitReached && (r.known || conn != c.active):
			c.joinLater(conn, r, err)
			return
		case err != nil:
			c.cannotJoin(r, err)
			return
		default:
			r.refused = 0
			conn.joined[r.id] = true
			delete(conn.left, r.id)
			c.counted(r, in.Members)
			c.caughtUp(conn, r, in, since)
		}
		c.sendWaiting()
		c.tend(conn, r)
		c.takeOver()
	})
}

// after has a frame ask for what follows the position of a room, which it
// returns; nil when it has none.
func (o *outgoing) after(r *room) *Position {
	if !r.seq.started {
		return nil
	}
	since := r.seq.position()
	o.Since, o.Epoch = since.Seq, since.Epoch
	return &since
}

// joinLater joins a room again that has no place on a connection now. The
// client's own other connection may hold it: the one that a rollover replaces,
// or one that is dead, until the server notices. So the room is not given up,
// and a rollover waits. With c.mu held.
func (c *Client) joinLater(conn *connection, r *room, err error) {
	if conn == c.active {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
	}
	delete(conn.joined, r.id)
	r.full[conn] = true
	r.refused++
	c.after(backoff(r.refused, c.opts.RetryBase, c.opts.RetryMax), func() {
		delete(r.full, conn)
		c.tend(conn, r)
	})
	c.finishLeave(r)
}

// cannotJoin gives up a room that the server does not let the client into. With
// c.mu held.
func (c *Client) cannotJoin(r *room, err error) {
	if len(r.joining) == 0 {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
		if r.known {
			c.tellLeft(r.id, err)
		}
	}
	c.drop(r, err)
	c.takeOver()
}

// outlived takes in that a room was joined on a connection which the client is
// in no more, or anew. With c.mu held.
func (c *Client) outlived(conn *connection, roomID string) {
	if r := c.rooms[roomID]; r != nil {
		c.tend(conn, r)
	} else if !conn.gone {
		c.leave(conn, roomID)
	}
}

// leave leaves a room on a connection. With c.mu held.
func (c *Client) leave(conn *connection, roomID string) {
	c.op(conn, roomID, outgoing{Action: protocol.ActionLeave}, func(_ *incoming, err error) {
		if err != nil {
			c.fail(fmt.Errorf("roomcast: leave room %q: %w", roomID, err))
		}
		delete(conn.joined, roomID)
		conn.left[roomID] = time.Now()
		if r := c.rooms[roomID]; r != nil {
			c.tend(conn, r)
			c.finishLeave(r)
		}
	})
}

// stray takes in a message of a room that the client is not in: a late copy of
// a join may have come after the leave. With c.mu held.
func (c *Client) stray(conn *connection, roomID string) {
	if conn != c.active || conn.ops[roomID] != nil {
		return
	}
	// A message may be on its way while the room is left.
	if time.Since(conn.left[roomID]) > c.opts.ReplyTimeout {
		c.leave(conn, roomID)
	}
}
