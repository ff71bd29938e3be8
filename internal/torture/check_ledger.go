package torture

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// checkLedger compares what was posted with what is queued: nobody who was owed
// a message is forgotten, and nobody is on the books who got it. positions are
// how far the devices have come, by device and room.
func checkLedger(h *History, positions map[string]map[string]int64, found *findings) {
	checkDLQ(h, found)
	books, posts := bookOwed(h), indexPosts(h)
	for _, id := range sorted(h.Connections) {
		c := h.Connections[id]
		checkTried(h, c, books, posts, found)
		checkFailed(c, positions[c.Device], books, found)
	}
}

// checkDLQ reads the dead letters.
func checkDLQ(h *History, found *findings) {
	for _, j := range h.DLQ {
		at := Violation{Kind: DLQUnclear, Room: j.RoomID, Seq: j.Seq}
		switch {
		case j.Cause == "" && len(j.Owed) > 0:
			found.add(at, "the dead letter of seq %d of %q, notification %q does not say why it failed", j.Seq, j.RoomID, j.NotificationID)
		case j.NotificationID == "" && !slices.ContainsFunc(h.Logs[j.RoomID], func(e Entry) bool { return e.Seq == j.Seq }):
			found.add(at, "a dead letter is about seq %d of %q, which is not in the log", j.Seq, j.RoomID)
		}
		for _, o := range j.Owed {
			c := h.Connections[o.ConnectionID]
			if c == nil {
				found.add(at, "a dead letter of seq %d of %q names connection %q, which never was", j.Seq, j.RoomID, o.ConnectionID)
				continue
			}
			// Every copy of a message is delivered anew: one may reach a connection
			// that the next one does not. And who carries a job out may be ended,
			// or find no queue, before what is left can be queued alone: then the
			// whole job comes back.
			if j.NotificationID == "" && c.toldBefore(j.RoomID, j.Seq, j.queuedAt()) && h.Copies[text(h, j)] < 2 {
				found.add(Violation{Kind: DLQDelivered, Room: j.RoomID, Client: c.Device, Seq: j.Seq},
					"the dead letter of seq %d of %s names connection %s, to which it had been posted with success before", j.Seq, j.RoomID, c.ID)
			}
		}
	}
}

// text is that of the message that a job is about.
func text(h *History, j Job) string {
	for _, e := range h.Logs[j.RoomID] {
		if e.Seq == j.Seq {
			return e.Text
		}
	}
	return ""
}

// debt is a message that a connection is owed, or, without one, everybody in
// the room.
type debt struct {
	connection, room string
	seq              int64
}

// bookOwed lists what is owed according to the queues.
func bookOwed(h *History) map[debt]bool {
	books := map[debt]bool{}
	for _, j := range slices.Concat(h.DLQ, h.Queued) {
		if j.NotificationID != "" {
			continue
		}
		if len(j.Owed) == 0 {
			books[debt{"", j.RoomID, j.Seq}] = true
		}
		for _, o := range j.Owed {
			books[debt{o.ConnectionID, j.RoomID, j.Seq}] = true
		}
	}
	return books
}

// spreading is how a message came to its room.
type spreading struct {
	// first is when the first post of it had ended: the members were read
	// before that.
	first time.Time
	// queued says that the function posted that works off the queue. It reads
	// the members later, or takes them from the job.
	queued bool
}

// broadcaster ends the label of the function that works off the queue.
const broadcaster = "Broadcast"

// indexPosts says of each message how it came to its room.
func indexPosts(h *History) map[debt]spreading {
	posts := map[debt]spreading{}
	for _, c := range h.Connections {
		for _, p := range c.Posts {
			of := debt{"", p.Room, p.Seq}
			s := posts[of]
			if s.first.IsZero() || p.At.Before(s.first) {
				s.first = p.At
			}
			s.queued = s.queued || strings.HasSuffix(p.By, broadcaster)
			posts[of] = s
		}
	}
	return posts
}

// checkTried holds every acknowledged message to having been posted, at least
// tried, to everybody who was in the room. A client makes up for what it did
// not get, and so hides that.
//
// Owed it is, whatever happened, who was there from before it was sent until
// the end. Where it was sent once and nothing of it was queued, so is who was
// there until the first had it: its sender had read the members then.
func checkTried(h *History, c *Connection, books map[debt]bool, posts map[debt]spreading, found *findings) {
	tried := map[debt]bool{}
	for _, p := range c.Posts {
		tried[debt{c.ID, p.Room, p.Seq}] = true
	}
	for _, s := range h.Sends {
		if s.Outcome != Acked {
			continue
		}
		r := s.Receipts[0]
		owed, all := debt{c.ID, s.Room, r.Seq}, debt{"", s.Room, r.Seq}
		if tried[owed] || books[owed] || books[all] {
			continue
		}
		sent := time.UnixMilli(r.Timestamp)
		if c.stayedSince(s.Room, sent) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until the end, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		if p := posts[all]; h.Copies[s.Text] == 1 && !p.queued && c.stayed(s.Room, sent, p.first) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until others had it, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
		}
	}
}

// stayed says whether the connection was in the room from before one time until
// after another.
func (c *Connection) stayed(room string, from, to time.Time) bool {
	return !to.IsZero() && slices.ContainsFunc(c.Stays, func(s Stay) bool {
		return s.Room == room && s.From.Before(from) && (s.To.IsZero() || s.To.After(to))
	})
}

// stayedSince says whether the connection was in the room before a time and
// has not left it since.
func (c *Connection) stayedSince(room string, at time.Time) bool {
	return slices.ContainsFunc(c.Stays, func(s Stay) bool { return s.Room == room && s.To.IsZero() && s.From.Before(at) })
}

// checkFailed looks at the posts of which none went well: unless the connection
// has ended, or the client has come past them by itself, they are in the books.
func checkFailed(c *Connection, position map[string]int64, books map[debt]bool, found *findings) {
	if !c.Closed.IsZero() {
		return
	}
	well := map[debt]bool{}
	for _, p := range c.Posts {
		if p.Carried && p.Answered == http.StatusOK {
			well[debt{c.ID, p.Room, p.Seq}] = true
		}
	}
	for _, p := range c.Posts {
		owed := debt{c.ID, p.Room, p.Seq}
		if p.NotificationID != "" || well[owed] || books[owed] || books[debt{"", p.Room, p.Seq}] || position[p.Room] >= p.Seq {
			continue
		}
		if !c.stayedSince(p.Room, p.At) {
			continue
		}
		well[owed] = true // said once
		found.add(Violation{Kind: Unaccounted, Room: p.Room, Client: c.Device, Seq: p.Seq},
			"every post of seq %d of %s to connection %s of %s failed, it is in no queue, and the client has not come past it", p.Seq, p.Room, c.ID, c.Device)
	}
}
