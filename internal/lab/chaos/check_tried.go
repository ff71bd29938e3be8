package chaos

import (
	"slices"
	"strings"
	"time"
)

// spreading is how a message came to its room.
type spreading struct {
	// first is when the first post of it had ended: the members were read
	// before that.
	// last is when the last one had.
	first, last time.Time
	// queued says that the function posted that works off the queue. It reads
	// the members later, or takes them from the job. direct says that another
	// one did.
	queued, direct bool
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
			if p.At.After(s.last) {
				s.last = p.At
			}
			if strings.HasSuffix(p.By, broadcaster) {
				s.queued = true
			} else {
				s.direct = true
			}
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
// there until the first had it: its sender had read the members then. And so is
// who was there until another message came out of the queue, of which the job
// was queued later, and no post of the first came after that: the jobs of a shard
// keep their order, but a job that is delivered twice may pass one that waits for
// its visibility timeout. And so is who was there
// until the queue was seen to be empty.
func checkTried(h *History, c *Connection, books map[debt]bool, posts map[debt]spreading, found *findings) {
	tried := map[debt]bool{}
	for _, p := range c.Posts {
		tried[debt{c.ID, p.Room, p.Seq}] = true
	}
	served := c.served(h, posts)
	for _, s := range h.Sends {
		if s.Outcome != Acked {
			continue
		}
		r := s.Receipts[0]
		owed, all := debt{c.ID, s.Room, r.Seq}, debt{"", s.Room, r.Seq}
		if tried[owed] || books[owed] || books[all] {
			continue
		}
		sent := h.Arrived[s.Text]
		if c.stayedSince(s.Room, sent) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until the end, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		if p := posts[all]; h.Copies[s.Text] == 1 && !p.queued && c.stayed(s.Room, sent, p.first) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until others had it, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		n := c.stay(s.Room, sent)
		if idle := h.idleAfter(s.AckedAt); n >= 0 && !idle.IsZero() && c.stayed(s.Room, sent, idle) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until nothing was queued any more, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		if n >= 0 && s.AckedAt.Before(served[n].sent) && !posts[all].last.After(served[n].until) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until it was given what was queued later, and nobody tried to post it there", c.Device, s.Room, c.ID, r.Seq)
		}
	}
}

// service is what a connection was given out of the queue during a stay: when the
// newest message of it was sent, and until when it was given any.
type service struct{ sent, until time.Time }

// served returns, for each stay of a connection, when the newest message was
// sent that came to it out of the queue as one for the whole shard. One that was
// posted without the queue as well does not count: what was left of it is no
// job that waits for another.
func (c *Connection) served(h *History, posts map[debt]spreading) []service {
	served := make([]service, len(c.Stays))
	for _, p := range c.Posts {
		if p.NotificationID != "" || posts[debt{"", p.Room, p.Seq}].direct {
			continue
		}
		sent := h.Arrived[text(h, p.Room, p.Seq)]
		if n := c.stay(p.Room, sent); n >= 0 && (c.Stays[n].To.IsZero() || p.At.Before(c.Stays[n].To)) {
			if sent.After(served[n].sent) {
				served[n].sent = sent
			}
			if p.At.After(served[n].until) {
				served[n].until = p.At
			}
		}
	}
	return served
}

// idleAfter returns when the queue was first seen to be empty after a time, zero
// when it never was, or there is no such time.
func (h *History) idleAfter(t time.Time) time.Time {
	n, _ := slices.BinarySearchFunc(h.Idle, t, time.Time.Compare)
	if t.IsZero() || n == len(h.Idle) {
		return time.Time{}
	}
	return h.Idle[n]
}

// stay returns which stay of the connection in a room a time is within, -1 for
// none.
func (c *Connection) stay(room string, at time.Time) int {
	return slices.IndexFunc(c.Stays, func(s Stay) bool {
		return s.Room == room && s.From.Before(at) && (s.To.IsZero() || s.To.After(at))
	})
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
