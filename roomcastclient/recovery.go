package roomcastclient

import (
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// live takes in a message that came by itself. With c.mu held.
func (c *Client) receiveMessage(conn *connection, m Message) {
	r := c.rooms[m.RoomID]
	if r == nil {
		c.receiveStray(conn, m.RoomID)
		return
	}
	c.deliver(r, r.seq.live(m))
	c.watchGaps(r)
}

// caughtUp takes in a replay, which was asked for from a position, or from the
// head where since is nil. With c.mu held.
func (c *Client) applyReplay(conn *connection, r *room, in *incoming, since *Position) {
	was, at := r.seq.last, r.seq.position()
	var messages []Message
	switch recovered := true; {
	case since == nil && r.seq.started:
		// The same join on another connection was answered first.
		r.seq.noteHead(in.Seq)
	case since == nil:
		at = in.position()
		messages = r.seq.start(at)
		c.emitJoined(r, Joined{RoomID: r.id, Position: at})
	case !r.seq.started || r.seq.epoch != "" && since.Epoch != r.seq.epoch && since.Seq > 0:
		return // the position was wrong, and the room has another one since
	default:
		switch same := r.seq.sameLog(in.Epoch); {
		case in.Recovered, same && in.Seq <= r.seq.last:
			// A page that is not whole is no harm where live messages went past it.
			messages = r.seq.replay(in.position(), in.messages(), in.More)
		case same && len(in.Messages) == 0:
			recovered = !r.seq.withhold(in.position())
		default:
			recovered = false
			at, messages = r.seq.resume(in.position(), in.messages())
		}
		if r.announce || !recovered {
			c.emitJoined(r, Joined{RoomID: r.id, Position: at, Recovered: recovered})
		}
	}
	c.deliver(r, messages)
	switch onward := r.seq.last > was; {
	case onward && in.More && (conn == c.active || conn == c.next):
		c.fetchPage(conn, r)
	case !onward && r.seq.hasGap():
		r.gapAttempts++
	}
}

// page asks for the next page of a replay. With c.mu held.
func (c *Client) fetchPage(conn *connection, r *room) {
	out := outgoing{Action: protocol.ActionHistory}
	since := out.setSince(r)
	c.startRoomOp(conn, r.id, out, func(in *incoming, err error) {
		if c.rooms[r.id] != r {
			return
		}
		switch e, _ := err.(*Error); {
		case e != nil && e.Code == CodeNotInRoom:
			delete(conn.joined, r.id)
		case e != nil && e.Code == CodeUnknownPosition:
			r.seq.rejectPosition(*since)
		case err != nil:
			c.fail(fmt.Errorf("roomcast: history of room %q: %w", r.id, err))
			r.gapAttempts++
		default:
			c.applyReplay(conn, r, in, since)
		}
		c.syncRoom(conn, r)
	})
}

// watch has what is missing in a room asked for if it does not come, or given up
// where that was in vain. With c.mu held.
func (c *Client) watchGaps(r *room) {
	conn := c.active
	if !r.seq.hasGap() && !r.seq.hasPending() {
		r.gapTimer.stop()
		r.gapAttempts = 0
		return
	}
	if r.gapTimer.pending() || conn == nil || !conn.joined[r.id] || conn.roomOps[r.id] != nil {
		return
	}
	pause := c.opts.HoleWait
	if r.gapAttempts > 0 {
		pause += backoff(r.gapAttempts, c.opts.RetryBase, c.opts.RetryMax)
	}
	r.gapAt = r.seq.last
	r.gapTimer = c.after(pause, func() {
		if r.gapAt != r.seq.last {
			c.watchGaps(r) // another hole
			return
		}
		if messages := r.seq.skip(); len(messages) > 0 {
			c.deliver(r, messages)
			c.watchGaps(r)
			return
		}
		if c.active != nil && c.active.roomOps[r.id] == nil {
			c.join(c.active, r)
		}
	})
}

// tell says from where on the messages of a room come. With c.mu held.
func (c *Client) emitJoined(r *room, j Joined) {
	r.joined, r.announce, r.queuedTo = j, false, j.Position
	if !r.known {
		r.known, r.deliveredTo = true, j.Position
	}
	for _, answers := range r.joining {
		answers <- answer[Joined]{value: j}
	}
	r.joining = nil
	c.emitFor(r, j.Position, func() {
		if c.opts.OnJoined != nil {
			c.opts.OnJoined(j)
		}
	})
}

// deliver gives messages to the application, and with the last of them the
// position that the room has come to. With c.mu held.
func (c *Client) deliver(r *room, messages []Message) {
	at := r.seq.position()
	for i, m := range messages {
		upTo := Position{Seq: m.Seq, Epoch: at.Epoch}
		if i == len(messages)-1 {
			upTo = at
		}
		c.emitFor(r, upTo, func() {
			if c.opts.OnMessage != nil {
				c.opts.OnMessage(m)
			}
		})
	}
	if len(messages) == 0 && at != r.queuedTo {
		c.emitFor(r, at, func() {}) // what was missing is no message
	}
	if at != r.queuedTo {
		r.queuedTo, r.gapAttempts = at, 0
	}
}

// emitFor has a callback called, with which the application has come to a
// position of a room, unless the room was left by then. With c.mu held.
func (c *Client) emitFor(r *room, at Position, call func()) {
	c.emit(func() {
		var current bool
		c.lock(func() {
			if current = c.rooms[r.id] == r; current {
				r.deliveredTo = at
			}
		})
		if current {
			call()
		}
	})
}
