package roomcastclient

import (
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// receiveMessage handles a live message. The caller holds c.mu.
func (c *Client) receiveMessage(conn *connection, m Message) {
	r := c.rooms[m.RoomID]
	if r == nil {
		c.receiveStray(conn, m.RoomID)
		return
	}
	c.deliver(r, r.seq.live(m))
	c.watchGaps(r)
}

// applyReplay handles a replay that was requested from a position, or from the head
// if since is nil. The caller holds c.mu.
func (c *Client) applyReplay(conn *connection, r *roomState, in *incoming, since *Position) {
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
		return // the position was wrong, and the room has another one by now
	default:
		switch same := r.seq.sameLog(in.Epoch); {
		case in.Recovered, same && in.Seq <= r.seq.last:
			// An incomplete page does no harm if live messages went past it.
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
	switch advanced := r.seq.last > was; {
	case advanced && in.More && (conn == c.active || conn == c.next):
		c.fetchPage(conn, r)
	case !advanced && r.seq.hasGap():
		r.gapAttempts++
	}
}

// fetchPage requests the next page of a replay. The caller holds c.mu.
func (c *Client) fetchPage(conn *connection, r *roomState) {
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

// watchGaps requests what is missing in a room if it does not arrive by itself, and
// skips it if the server does not replay it. The caller holds c.mu.
func (c *Client) watchGaps(r *roomState) {
	conn := c.active
	if !r.seq.hasGap() && !r.seq.hasPending() {
		r.gapTimer.stop()
		r.gapAttempts = 0
		return
	}
	if r.gapTimer.pending() || conn == nil || !conn.joined[r.id] || conn.roomOps[r.id] != nil {
		return
	}
	pause := c.opts.GapTimeout
	if r.gapAttempts > 0 {
		pause += c.backoff(r.gapAttempts)
	}
	r.gapAt = r.seq.last
	r.gapTimer = c.after(pause, func() {
		if r.gapAt != r.seq.last {
			c.watchGaps(r) // this is another gap
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

// emitJoined reports from where on the messages of a room are delivered. The caller
// holds c.mu.
func (c *Client) emitJoined(r *roomState, j Joined) {
	r.joined, r.announce, r.queuedTo = j, false, j.Position
	if !r.known {
		r.known, r.deliveredTo = true, j.Position
	}
	for _, answers := range r.joining {
		answers <- answer[Joined]{value: j}
	}
	r.joining = nil
	c.emitFor(r, j.Position, func() { notify(c, r.id, joinsOf, c.opts.OnJoined, j) })
}

// deliver queues callbacks for messages. The last of them takes the room to its
// current position. The caller holds c.mu.
func (c *Client) deliver(r *roomState, messages []Message) {
	at := r.seq.position()
	for i, m := range messages {
		upTo := Position{Seq: m.Seq, Epoch: at.Epoch}
		if i == len(messages)-1 {
			upTo = at
		}
		c.emitFor(r, upTo, func() { notify(c, r.id, messagesOf, c.opts.OnMessage, m) })
	}
	if len(messages) == 0 && at != r.queuedTo {
		c.emitFor(r, at, func() {}) // the numbers in between hold no message
	}
	if at != r.queuedTo {
		r.queuedTo, r.gapAttempts = at, 0
	}
}

// emitFor queues a callback that takes a room to a position. It is skipped if the
// room is left by then. The caller holds c.mu.
func (c *Client) emitFor(r *roomState, at Position, call func()) {
	c.emit(func() {
		var current bool
		c.lock(func() {
			if current = c.rooms[r.id] == r && !r.leaving; current {
				r.deliveredTo = at
			}
		})
		if current {
			call()
		}
	})
}
