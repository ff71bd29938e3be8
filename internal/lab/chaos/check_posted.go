package chaos

import (
	"slices"
	"strings"
	"time"
)

// postSummary summarises the posts of a message.
type postSummary struct {
	// first and last are when the first and the last post had ended. The members
	// were read before first.
	first, last time.Time
	// queued says that the queue's function posted. It reads the members later, or
	// takes them from the job. direct says that another function posted.
	queued, direct bool
}

// broadcaster is the end of the label of the queue's function.
const broadcaster = "Broadcast"

// indexPosts summarises the posts of each message.
func indexPosts(h *History) map[delivery]postSummary {
	posts := map[delivery]postSummary{}
	for _, c := range h.Connections {
		for _, p := range c.Posts {
			of := delivery{"", p.Room, p.Seq}
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

// checkPosted checks that each acknowledged message was posted, or that a post
// was tried, to each member of its room. Clients recover what they did not get,
// which would hide a missing post.
//
// A connection must be posted the message if it was a member from before the
// message was sent until
//   - the end of the run;
//   - the first post of it had ended, if the message was sent once, no post of it
//     came from the queue, and its function did not say that it deferred some: the
//     sender had read the members by then. A deferred post is a job for one
//     member, which is dropped without a post if the member has left meanwhile;
//   - a message came to it from the queue whose job was queued later, and no post
//     of the first came after that. The jobs of a shard keep their order, but a
//     job that is delivered twice may pass one that waits for its visibility
//     timeout;
//   - the queue was seen empty.
func checkPosted(h *History, c *Connection, pending map[delivery]bool, posts map[delivery]postSummary, found *findings) {
	tried := map[delivery]bool{}
	for _, p := range c.Posts {
		tried[delivery{c.ID, p.Room, p.Seq}] = true
	}
	served := c.served(h, posts)
	for _, s := range h.Sends {
		if s.Outcome != Acked {
			continue
		}
		r := s.Receipts[0]
		to, all := delivery{c.ID, s.Room, r.Seq}, delivery{"", s.Room, r.Seq}
		if tried[to] || pending[to] || pending[all] {
			continue
		}
		sent := h.Arrived[s.Text]
		if c.stayedSince(s.Room, sent) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until the end, and no function tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		if p := posts[all]; h.Copies[s.Text] == 1 && !p.queued && !h.Deferred[s.Room][r.Seq] && c.stayed(s.Room, sent, p.first) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until others had it, and no function tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		n := c.stay(s.Room, sent)
		if idle := h.idleAfter(s.AckedAt); n >= 0 && !idle.IsZero() && c.stayed(s.Room, sent, idle) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until nothing was queued any more, and no function tried to post it there", c.Device, s.Room, c.ID, r.Seq)
			continue
		}
		if n >= 0 && s.AckedAt.Before(served[n].sent) && !posts[all].last.After(served[n].until) {
			found.add(Violation{Kind: NeverPosted, Room: s.Room, Client: c.Device, Seq: r.Seq},
				"%s was in %s with connection %s from before seq %d was sent until it was given what was queued later, and no function tried to post it there", c.Device, s.Room, c.ID, r.Seq)
		}
	}
}

// service is what a connection got from the queue during a stay: when the newest
// of its messages was sent, and when the last one was posted.
type service struct{ sent, until time.Time }

// served returns the service of each stay of a connection, by jobs for a whole
// shard. A message that was also posted without the queue does not count: the job
// for its rest waits for no other job.
func (c *Connection) served(h *History, posts map[delivery]postSummary) []service {
	served := make([]service, len(c.Stays))
	for _, p := range c.Posts {
		if p.NotificationID != "" || posts[delivery{"", p.Room, p.Seq}].direct {
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

// idleAfter returns when the queue was first seen empty after a time, zero if it
// never was.
func (h *History) idleAfter(t time.Time) time.Time {
	n, _ := slices.BinarySearchFunc(h.Idle, t, time.Time.Compare)
	if t.IsZero() || n == len(h.Idle) {
		return time.Time{}
	}
	return h.Idle[n]
}

// stay returns the index of the stay in a room that includes a time, -1 for none.
func (c *Connection) stay(room string, at time.Time) int {
	return slices.IndexFunc(c.Stays, func(s Stay) bool {
		return s.Room == room && s.From.Before(at) && (s.To.IsZero() || s.To.After(at))
	})
}

// stayed reports whether the connection was in the room from before one time until
// after another.
func (c *Connection) stayed(room string, from, to time.Time) bool {
	return !to.IsZero() && slices.ContainsFunc(c.Stays, func(s Stay) bool {
		return s.Room == room && s.From.Before(from) && (s.To.IsZero() || s.To.After(to))
	})
}

// stayedSince reports whether the connection was in the room before a time and has
// not left it since.
func (c *Connection) stayedSince(room string, at time.Time) bool {
	return slices.ContainsFunc(c.Stays, func(s Stay) bool { return s.Room == room && s.To.IsZero() && s.From.Before(at) })
}
