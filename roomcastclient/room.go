package roomcastclient

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// room is a room that the client is to be in. All of it is under the client's
// lock.
type room struct {
	id  string
	seq sequencer

	joined    Joined // what was told last
	announce  bool   // the next join is to be told
	joining   []chan answer[Joined]
	queuedTo      Position // up to where callbacks are in the queue
	deliveredTo Position // up to where OnMessage was called
	known     bool     // delivered is set

	outbox []*pendingSend
	cursor ownCursor
	newestMoves  map[string]int64 // the server's time of each other user's newest move, ms since 1970

	leaving bool
	left    chan struct{} // closed when the client is in the room no more
	leaveErr     error         // it is not

	noPlace    map[*connection]bool // it had no place there, and is tried again in a while
	joinRetries int                  // times in a row that it had none

	gapTimer   *timer // asks for what is missing
	gapAt int64  // the position before it
	gapAttempts  int    // times in a row without getting on
}

// stays reports whether the room is still needed: a message that waits to be
// sent holds up a leave.
func (r *room) needed() bool { return !r.leaving || len(r.outbox) > 0 }

// Join joins a room. From then on OnMessage is given its messages: those after
// since or, where since is nil, those that come after the answer's position.
// The client joins the room again on every later connection until Leave.
//
// Position{} is the start of a room's log. What is too old to be replayed, or
// a position that was never one of the room's, gives Recovered false.
//
// Joining a room that is joined already changes nothing and returns the same
// again. When ctx ends first, or after CallTimeout with [CodeTimeout], the client
// goes on joining, and OnJoined is told. Any other error means that the room is
// not joined.
func (c *Client) Join(ctx context.Context, roomID string, since *Position) (Joined, error) {
	if err := checkJoin(roomID, since); err != nil {
		return Joined{}, err
	}
	ctx, cancel := withTimeLimit(ctx, c.opts.CallTimeout)
	defer cancel()
	for {
		if err := context.Cause(ctx); err != nil {
			return Joined{}, c.timeLimitError(err, "the room is not joined yet", c.opts.CallTimeout)
		}
		answers := make(chan answer[Joined], 1)
		var before *room // of the same name, and not left yet
		if !c.lock(func() { before = c.startJoin(roomID, since, answers) }) {
			return Joined{}, errClosed()
		}
		if before == nil {
			joined, err := wait(ctx, answers)
			return joined, c.timeLimitError(err, "the room is not joined yet", c.opts.CallTimeout)
		}
		select {
		case <-before.left:
		case <-ctx.Done():
		}
	}
}

// checkJoin says what the server would refuse a join for.
func checkJoin(roomID string, since *Position) error {
	out := outgoing{Action: protocol.ActionJoin, ClientID: "check", RoomID: roomID}
	if since != nil {
		out.Since, out.Epoch = since.Seq, since.Epoch
	}
	_, err := out.encode()
	return err
}

// enter begins to join a room, or returns the one that has to be left first.
// With c.mu held.
func (c *Client) startJoin(roomID string, since *Position, answers chan answer[Joined]) *room {
	r := c.rooms[roomID]
	switch {
	case r == nil:
		r = &room{id: roomID, seq: newSequencer(since), announce: true, left: make(chan struct{}), noPlace: map[*connection]bool{}, newestMoves: map[string]int64{}}
		c.rooms[roomID] = r
	case r.leaving:
		return r
	case !r.announce:
		answers <- answer[Joined]{value: r.joined}
		return nil
	}
	r.joining = append(r.joining, answers)
	c.syncRoom(c.active, r)
	c.syncRoom(c.next, r)
	return nil
}

// Leave leaves a room, after the messages to it that wait to be sent: OnMessage
// is not given its messages any more when Leave returns without an error.
// Leaving a room that is not joined is fine. When ctx ends first, or after
// CallTimeout with [CodeTimeout], the client goes on leaving.
func (c *Client) Leave(ctx context.Context, roomID string) error {
	if err := protocol.CheckRoomID(roomID); err != nil {
		return invalid(err)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	var r *room
	open := c.lock(func() {
		if r = c.rooms[roomID]; r != nil {
			r.leaving = true
			r.cursor.latest = nil
			c.finishLeave(r)
		}
	})
	switch {
	case !open:
		return errClosed()
	case r == nil:
		return nil
	}
	ctx, cancel := withTimeLimit(ctx, c.opts.CallTimeout)
	defer cancel()
	select {
	case <-r.left:
		return r.leaveErr
	case <-ctx.Done():
		return c.timeLimitError(context.Cause(ctx), "the room is not left yet", c.opts.CallTimeout)
	}
}

// finishLeave goes on with leaving a room, if that is what it waits for: on
// every connection, when nothing is under way there. With c.mu held.
func (c *Client) finishLeave(r *room) {
	if c.rooms[r.id] != r || r.needed() {
		return
	}
	left := true
	for _, conn := range []*connection{c.active, c.next} {
		if conn == nil {
			continue
		}
		if conn.roomOps[r.id] == nil && conn.joined[r.id] {
			c.leave(conn, r.id)
		}
		left = left && conn.roomOps[r.id] == nil
	}
	if left {
		c.drop(r, nil)
		c.takeOver()
	}
}

// drop ends a room: it was left, or it could not be joined. With c.mu held.
func (c *Client) drop(r *room, why error) {
	delete(c.rooms, r.id)
	r.gapTimer.stop()
	r.cursor.wait.stop()
	r.leaveErr = why
	close(r.left)
	if why == nil {
		why = errLeft()
	}
	for _, answers := range r.joining {
		answers <- answer[Joined]{err: why}
	}
	c.failOutbox(r, why)
	for _, q := range c.requests {
		if q.requiredRoom == r.id {
			c.finish(q, nil, why)
		}
	}
}

// Position returns how far OnMessage has been given the messages of a room: up
// to the one that it is given now, or was given last. A program that keeps it
// can give it to Join when it runs again. It is false for a room that is not
// joined.
func (c *Client) Position(roomID string) (Position, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[roomID]
	if r == nil || !r.known {
		return Position{}, false
	}
	return r.deliveredTo, true
}
