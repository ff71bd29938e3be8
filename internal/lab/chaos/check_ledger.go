package chaos

import (
	"cmp"
	"net/http"
	"slices"
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
		if j.Cause == "" && len(j.Owed) > 0 {
			found.add(at, "the dead letter of seq %d of %q, notification %q does not say why it failed", j.Seq, j.RoomID, j.NotificationID)
		}
		for _, seq := range j.messages() {
			at.Seq = seq
			if !slices.ContainsFunc(h.Logs[j.RoomID], func(e Entry) bool { return e.Seq == seq }) {
				found.add(at, "a dead letter is about seq %d of %q, which is not in the log", seq, j.RoomID)
			}
		}
		at.Seq = j.Seq
		for _, o := range j.Owed {
			c := h.Connections[o.ConnectionID]
			if c == nil {
				found.add(at, "a dead letter of seq %d of %q names connection %q, which never was", j.Seq, j.RoomID, o.ConnectionID)
				continue
			}
			// Every copy of a message is delivered anew: one may reach a connection
			// that the next one does not.
			for _, seq := range j.messages() {
				if c.neverFailed(j.RoomID, seq) && h.Copies[text(h, j.RoomID, seq)] < 2 {
					found.add(Violation{Kind: DLQDelivered, Room: j.RoomID, Client: c.Device, Seq: seq},
						"the dead letter of seq %d of %s names connection %s, to which it was posted with success, and never without", seq, j.RoomID, c.ID)
				}
			}
		}
	}
}

// text is that of a message, "" when it is not in the log.
func text(h *History, room string, seq int64) string {
	n, ok := slices.BinarySearchFunc(h.Logs[room], seq, func(e Entry, seq int64) int { return cmp.Compare(e.Seq, seq) })
	if !ok {
		return ""
	}
	return h.Logs[room][n].Text
}

// debt is a message that a connection is owed, or, without one, everybody in
// the room.
type debt struct {
	connection, room string
	seq              int64
}

// bookOwed lists what is owed according to the queues, or was until a redrive
// found out whether it still is.
func bookOwed(h *History) map[debt]bool {
	books := map[debt]bool{}
	for _, j := range slices.Concat(h.DLQ, h.Queued, h.Redriven) {
		for _, seq := range j.messages() {
			if len(j.Owed) == 0 {
				books[debt{"", j.RoomID, seq}] = true
			}
			for _, o := range j.Owed {
				books[debt{o.ConnectionID, j.RoomID, seq}] = true
			}
		}
	}
	return books
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
