package roomcastclient

import (
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// joinAll joins every room on a connection where it is not joined yet. The caller
// holds c.mu.
func (c *Client) joinAll(conn *connection) {
	for _, r := range c.rooms {
		c.syncRoom(conn, r)
	}
}

// inAllRooms reports whether a connection is in every room that the client needs. The
// caller holds c.mu.
func (c *Client) inAllRooms(conn *connection) bool {
	for _, r := range c.rooms {
		if r.needed() && !conn.joined[r.id] {
			return false
		}
	}
	return true
}

// syncRoom starts what a room needs on a connection, unless something is under way
// there. The caller holds c.mu.
func (c *Client) syncRoom(conn *connection, r *roomState) {
	switch {
	case conn == nil || conn.gone || c.rooms[r.id] != r || conn.roomOps[r.id] != nil:
	case !r.needed():
		c.finishLeave(r)
	case conn != c.active && conn != c.next: // it was replaced and will be closed
		c.watchGaps(r)
	case r.noPlace[conn]:
	case !conn.joined[r.id] || !r.seq.started:
		c.join(conn, r)
	default:
		c.watchGaps(r)
	}
}

// startRoomOp starts a request about a room on one connection. done is not called
// if the connection is lost. The caller holds c.mu.
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

// join joins a room on a connection: for the first time, or again to get what is
// missing. The caller holds c.mu.
func (c *Client) join(conn *connection, r *roomState) {
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
		c.updateState()
	})
}

// setSince makes a frame ask for what follows the position of a room, and returns
// the position. It returns nil if the room has none.
func (o *outgoing) setSince(r *roomState) *Position {
	if !r.seq.started {
		return nil
	}
	since := r.seq.position()
	o.Since, o.Epoch = since.Seq, since.Epoch
	return &since
}

// retryJoin joins a room again later because it is full on a connection. The place
// may be held by another connection of this client: the one that a rollover
// replaces, or a dead one until the server notices. So the client keeps the room,
// and a rollover waits. The caller holds c.mu.
func (c *Client) retryJoin(conn *connection, r *roomState, err error) {
	if conn == c.active {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
	}
	delete(conn.joined, r.id)
	r.noPlace[conn] = true
	r.joinRetries++
	c.after(c.backoff(r.joinRetries), func() {
		delete(r.noPlace, conn)
		c.syncRoom(conn, r)
	})
	c.finishLeave(r)
	c.updateState()
}

// joinFailed gives up a room that the server refuses. The caller holds c.mu.
func (c *Client) joinFailed(r *roomState, err error) {
	if len(r.joining) == 0 {
		c.fail(fmt.Errorf("roomcast: join room %q again: %w", r.id, err))
		if r.known {
			c.emitLeft(r.id, err)
		}
	}
	c.drop(r, err)
	c.takeOver()
}

// leaveIfUnwanted handles a join that was answered after the client had left the
// room, and perhaps joined it again. The caller holds c.mu.
func (c *Client) leaveIfUnwanted(conn *connection, roomID string) {
	if r := c.rooms[roomID]; r != nil {
		c.syncRoom(conn, r)
	} else if !conn.gone {
		c.leave(conn, roomID)
	}
}

// leave leaves a room on a connection. The caller holds c.mu.
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

// receiveStray handles a message of a room that the client is not in: a late copy
// of a join may have been processed after the leave. The caller holds c.mu.
func (c *Client) receiveStray(conn *connection, roomID string) {
	if conn != c.active || conn.roomOps[roomID] != nil {
		return
	}
	// A message may have been on its way when the room was left.
	if time.Since(conn.leftAt[roomID]) > c.opts.RequestTimeout {
		c.leave(conn, roomID)
	}
}
