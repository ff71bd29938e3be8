package chaos

import (
	"cmp"
	"net/http"
	"slices"
)

// checkLedger compares posts with queued jobs: each connection that must get a
// message was posted it or is a pending recipient of a job, and no pending
// recipient has the message already. positions are the last seqs of the devices,
// by device and room.
func checkLedger(h *History, positions map[string]map[string]int64, found *findings) {
	checkDLQ(h, found)
	pending, posts := indexPending(h), indexPosts(h)
	for _, id := range sorted(h.Connections) {
		c := h.Connections[id]
		checkPosted(h, c, pending, posts, found)
		checkFailed(c, positions[c.Device], pending, found)
	}
}

// checkDLQ reads the dead letters.
func checkDLQ(h *History, found *findings) {
	for _, j := range h.DLQ {
		at := Violation{Kind: DLQUnclear, Room: j.RoomID, Seq: j.Seq}
		if j.Cause == "" && len(j.Pending) > 0 {
			found.add(at, "the dead letter of seq %d of %q, notification %q does not say why it failed", j.Seq, j.RoomID, j.NotificationID)
		}
		for _, seq := range j.messages() {
			at.Seq = seq
			if !slices.ContainsFunc(h.Logs[j.RoomID], func(e Entry) bool { return e.Seq == seq }) {
				found.add(at, "a dead letter is about seq %d of %q, which is not in the log", seq, j.RoomID)
			}
		}
		at.Seq = j.Seq
		for _, o := range j.Pending {
			c := h.Connections[o.ConnectionID]
			if c == nil {
				found.add(at, "a dead letter of seq %d of %q names connection %q, which never existed", j.Seq, j.RoomID, o.ConnectionID)
				continue
			}
			// Every copy of a message is delivered again: one may reach a connection
			// that the next one does not.
			for _, seq := range j.messages() {
				if c.neverFailed(j.RoomID, seq) && h.Copies[text(h, j.RoomID, seq)] < 2 {
					found.add(Violation{Kind: DLQDelivered, Room: j.RoomID, Client: c.Device, Seq: seq},
						"the dead letter of seq %d of %s names connection %s, to which every post of it succeeded", seq, j.RoomID, c.ID)
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

// delivery is a message to a connection or, without one, to all members of the
// room.
type delivery struct {
	connection, room string
	seq              int64
}

// indexPending lists the deliveries that queued jobs will still make, and those
// of dead letters that were redriven.
func indexPending(h *History) map[delivery]bool {
	pending := map[delivery]bool{}
	for _, j := range slices.Concat(h.DLQ, h.Queued, h.Redriven) {
		for _, seq := range j.messages() {
			if len(j.Pending) == 0 {
				pending[delivery{"", j.RoomID, seq}] = true
			}
			for _, o := range j.Pending {
				pending[delivery{o.ConnectionID, j.RoomID, seq}] = true
			}
		}
	}
	return pending
}

// checkFailed checks deliveries of which every post failed: they are pending,
// unless the connection has ended or the client has recovered past them.
func checkFailed(c *Connection, position map[string]int64, pending map[delivery]bool, found *findings) {
	if !c.Closed.IsZero() {
		return
	}
	succeeded := map[delivery]bool{}
	for _, p := range c.Posts {
		if p.Carried && p.Answered == http.StatusOK {
			succeeded[delivery{c.ID, p.Room, p.Seq}] = true
		}
	}
	for _, p := range c.Posts {
		d := delivery{c.ID, p.Room, p.Seq}
		if p.NotificationID != "" || succeeded[d] || pending[d] || pending[delivery{"", p.Room, p.Seq}] || position[p.Room] >= p.Seq {
			continue
		}
		if !c.stayedSince(p.Room, p.At) {
			continue
		}
		succeeded[d] = true // reported once
		found.add(Violation{Kind: Unaccounted, Room: p.Room, Client: c.Device, Seq: p.Seq},
			"every post of seq %d of %s to connection %s of %s failed, it is in no queue, and the client has not recovered past it", p.Seq, p.Room, c.ID, c.Device)
	}
}
