package roomcastclient

import (
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// joinAll joins every room on a connection, as far as that is not done. With c.mu held.
func (c *Client) joinAll(conn *connection) {
	for _, r := range c.rooms {
		c.syncRoom(conn, r)
	}
}

// tend starts what a room needs on a connection, unless something is under way.
// With c.mu held.
func (c *Client) syncRoom(conn *connection, r *room) {
	switch {
	case conn == nil || conn.gone || c.rooms[r.id] != r || conn.roomOps[r.id] != nil:
	case !r.needed():
		c.finishLeave(r)
	case conn != c.active && conn != c.next: // it was replaced and is about to be closed
		c.watchGaps(r)
	case r.noPlace[conn]:
	case !conn.joined[r.id] || !r.seq.started:
		c.join(conn, r)
	default:
		c.watchGaps(r)
	}
}

// op begins a request about a room on one connection. With c.mu held.
func (c *Client) startRoomOp(conn *connection, roomID string, out outgoing, done func(in *incoming, err error)) {
	out.ClientID, out.RoomID = c.newID(), roomID
	q := &request{boundTo: conn}
	if err := q.setFrame(out); err != nil {
		c.fail(err)
		return
	}
	q.done = func(in *incoming, err error) {
		delete(conn.roomOps, roomID)
		if !c.closed && err != errConnectionLost {
			done(in, err)
		}
	}
	conn.roomOps[roomID] = q
	c.startRequest(q)
}

// join joins a room on a connection, for the first time, or again to get what
// is missing. With c.mu held.
func (c *Client) join(conn *connection, r *room) {
	out := outgoing{Action: protocol.ActionJoin, Heartbeat: c.pingSeconds()}
	since := out.setSince(r)
	c.startRoomOp(conn, r.id, out, func(in *incoming, err error) {
		switch e, _ := err.(*Error); {
		case c.rooms[r.id] != r:
			c.leaveIfUnwanted(conn, r.id)
			return
		case e != nil && e.Code == CodeUnknownPosition && since != nil:
			r.seq.rejectPosition(*since)
		case e != nil && e.Code == CodeLimitReached && (r.known || conn != c.active):
			c.retryJoin(conn, r, err)
			return
		case err != nil:
			c.joinFailed(r, err)
			return
		default:
			r.joinRetries = 0
			conn.joined[r.id] = true
			delete(conn.leftAt, r.id)
			c.setMemberCount(r, in.Members)
			c.applyReplay(conn, r, in, since)
		}
		c.sendWaiting()
		c.syncRoom(conn, r)
		c.takeOver()
	})
}

// after has a frame ask for what follows the position of a room, which it
// returns; nil when it has none.
func (o *outgoing) setSince(r *room) *Position {
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
func (c *Client) retryJoin(conn *connection, r *room, err error) {
	if conn == c.active {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
	}
	delete(conn.joined, r.id)
	r.noPlace[conn] = true
	r.joinRetries++
	c.after(backoff(r.joinRetries, c.opts.RetryBase, c.opts.RetryMax), func() {
		delete(r.noPlace, conn)
		c.syncRoom(conn, r)
	})
	c.finishLeave(r)
}

// cannotJoin gives up a room that the server does not let the client into. With
// c.mu held.
func (c *Client) joinFailed(r *room, err error) {
	if len(r.joining) == 0 {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
		if r.known {
			c.emitLeft(r.id, err)
		}
	}
	c.drop(r, err)
	c.takeOver()
}

// outlived takes in that a room was joined on a connection which the client is
// in no more, or anew. With c.mu held.
func (c *Client) leaveIfUnwanted(conn *connection, roomID string) {
	if r := c.rooms[roomID]; r != nil {
		c.syncRoom(conn, r)
	} else if !conn.gone {
		c.leave(conn, roomID)
	}
}

// leave leaves a room on a connection. With c.mu held.
func (c *Client) leave(conn *connection, roomID string) {
	c.startRoomOp(conn, roomID, outgoing{Action: protocol.ActionLeave}, func(_ *incoming, err error) {
		if err != nil {
			c.fail(fmt.Errorf("roomcast: leave room %q: %w", roomID, err))
		}
		delete(conn.joined, roomID)
		conn.leftAt[roomID] = time.Now()
		if r := c.rooms[roomID]; r != nil {
			c.syncRoom(conn, r)
			c.finishLeave(r)
		}
	})
}

// stray takes in a message of a room that the client is not in: a late copy of
// a join may have come after the leave. With c.mu held.
func (c *Client) receiveStray(conn *connection, roomID string) {
	if conn != c.active || conn.roomOps[roomID] != nil {
		return
	}
	// A message may be on its way while the room is left.
	if time.Since(conn.leftAt[roomID]) > c.opts.ReplyTimeout {
		c.leave(conn, roomID)
	}
}
