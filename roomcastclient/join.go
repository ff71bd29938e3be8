package roomcastclient

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// joinRoom joins a room. If the room is still being left, it waits for that first.
func (c *Client) joinRoom(ctx context.Context, roomID string, since *Position) (Joined, error) {
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
		var leaving *roomState
		if !c.lock(func() { leaving = c.startJoin(roomID, since, answers) }) {
			return Joined{}, errClosed()
		}
		if leaving == nil {
			joined, err := wait(ctx, answers)
			if err != nil {
				c.lock(func() { c.cancelJoin(roomID, answers) })
			}
			return joined, c.timeLimitError(err, "the room is not joined yet", c.opts.CallTimeout)
		}
		select {
		case <-leaving.left:
		case <-ctx.Done():
		}
	}
}

// checkJoin returns the error with which the server would refuse a join.
func checkJoin(roomID string, since *Position) error {
	out := outgoing{Action: protocol.ActionJoin, ClientID: "check", RoomID: roomID}
	if since != nil {
		out.Since, out.Epoch = since.Seq, since.Epoch
	}
	_, err := out.encode()
	return err
}

// startJoin begins to join a room. It returns the state of a room that has to be
// left first, and nil otherwise. The caller holds c.mu.
func (c *Client) startJoin(roomID string, since *Position, answers chan answer[Joined]) (leaving *roomState) {
	r := c.rooms[roomID]
	switch {
	case r == nil:
		r = newRoomState(roomID, since)
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

// cancelJoin forgets a call of Join that has returned. The client continues to join
// the room. The caller holds c.mu.
func (c *Client) cancelJoin(roomID string, answers chan answer[Joined]) {
	if r := c.rooms[roomID]; r != nil {
		r.joining = without(r.joining, answers)
	}
}

// leaveRoom leaves a room after its pending messages.
func (c *Client) leaveRoom(ctx context.Context, roomID string) error {
	if err := protocol.CheckRoomID(roomID); err != nil {
		return invalid(err)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	var r *roomState
	open := c.lock(func() {
		if r = c.rooms[roomID]; r != nil {
			r.leaving = true
			r.cursor.latest = nil
			c.finishLeave(r)
			c.updateState()
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

// finishLeave leaves a room on each connection where nothing is under way, and
// drops the room when it is left on all of them. The caller holds c.mu.
func (c *Client) finishLeave(r *roomState) {
	if r.needed() || c.rooms[r.id] != r {
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
