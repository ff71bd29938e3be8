package chaos

import (
	"cmp"
	"slices"
	"time"
)

// checkLimits checks that the limits were kept.
func checkLimits(h *History, found *findings) {
	checkRate(h, found)
	checkRooms(h, found)
	checkConnections(h, found)
	checkInboxSizes(h, found)
}

// checkInboxSizes checks the sizes of inboxes. An inbox grows by a quarter before it
// is trimmed, and by what is put there meanwhile.
func checkInboxSizes(h *History, found *findings) {
	if h.Limits.InboxLimit == 0 {
		return
	}
	sizes := map[string]int{}
	for user, inbox := range h.Inboxes {
		sizes[user] = len(inbox.IDs)
	}
	for _, g := range h.Guests {
		for _, a := range g.Asked {
			sizes[g.User] = max(sizes[g.User], len(a.IDs))
		}
	}
	for _, user := range sorted(sizes) {
		if sizes[user] > h.Limits.InboxLimit*5/4+inboxSlack {
			found.add(Violation{Kind: OverLimit, Client: user}, "the inbox of %s has %d notifications, where the limit is %d", user, sizes[user], h.Limits.InboxLimit)
		}
	}
}

// inboxSlack is how many notifications may be put into one inbox at the same time.
const inboxSlack = 5

// takenWithin is the time in which a message or a notification was accepted.
type takenWithin struct{ from, to time.Time }

// checkRate checks how much users sent. What was sent and answered within a time
// was counted within it by the clocks of functions, which may be wrong, so the time
// is extended by their errors.
func checkRate(h *History, found *findings) {
	if h.Limits.MessageRate == 0 {
		return
	}
	byUser := map[string][]takenWithin{}
	for _, s := range h.Sends {
		if s.Outcome == Acked && !s.SentAt.IsZero() && !s.AckedAt.IsZero() {
			byUser[s.User] = append(byUser[s.User], takenWithin{s.SentAt, s.AckedAt})
		}
	}
	for _, n := range h.Notifies {
		if user := n.user(h); n.Outcome == Acked && user != "" {
			byUser[user] = append(byUser[user], takenWithin{n.SentAt, n.AckedAt})
		}
	}
	for _, user := range sorted(byUser) {
		all := byUser[user]
		slices.SortFunc(all, func(a, b takenWithin) int { return a.from.Compare(b.from) })
		for i := range all {
			if n, within, most := over(all[i:], h.Limits); n > 0 {
				found.add(Violation{Kind: OverLimit, Client: user},
					"%s sent %d messages and notifications within %v that were accepted, where %d are allowed", user, n, within.Round(time.Millisecond), most)
				break
			}
		}
	}
}

// user returns the sender of a notification, "" if it is not known.
func (n *Notify) user(h *History) string {
	if d := h.Devices[n.Device]; d != nil {
		return d.User
	}
	if slices.ContainsFunc(h.Guests, func(g *Guest) bool { return g.Name == n.Device }) {
		return n.Device
	}
	return ""
}

// over returns how many were accepted in a time that begins with the first one, if
// that is more than allowed, or 0.
func over(sent []takenWithin, l Limits) (n int, within time.Duration, most int) {
	ends := make([]time.Time, len(sent))
	for i, s := range sent {
		ends[i] = s.to
	}
	slices.SortFunc(ends, time.Time.Compare)
	for i, end := range ends {
		within = end.Sub(sent[0].from)
		most = int(float64(l.MessageRate)*(within+2*clockError).Seconds()) + l.MessageBurst
		if i+1 > most {
			return i + 1, within, most
		}
	}
	return 0, 0, 0
}

// checkRooms counts the rooms of each guest. A guest whose connection POST and GET
// called gone may have been taken out of rooms, and is skipped.
func checkRooms(h *History, found *findings) {
	for _, g := range h.Guests {
		if h.doubts(g) {
			continue
		}
		in := map[string]bool{}
		for _, a := range g.Asked {
			switch a.Action {
			case "join":
				if a.Type == "joined" {
					in[a.Room] = true
				}
			case "leave", "refresh": // the guest may be out of rooms, answered or not
				in = map[string]bool{}
			}
			if h.Limits.RoomsPerConnection > 0 && len(in) > h.Limits.RoomsPerConnection {
				found.add(Violation{Kind: OverLimit, Room: a.Room, Client: g.Name},
					"the connection of %s is in %d rooms, where %d are allowed", g.Name, len(in), h.Limits.RoomsPerConnection)
				break
			}
		}
	}
}

// checkConnections counts the concurrent connections of each user. One that POST
// and GET called gone does not count.
func checkConnections(h *History, found *findings) {
	if h.Limits.ConnectionsPerUser == 0 {
		return
	}
	type change struct {
		at time.Time
		by int
	}
	changes := map[string][]change{}
	for _, c := range h.Connections {
		if c.User == "" || c.Opened.IsZero() || c.doubted {
			continue
		}
		changes[c.User] = append(changes[c.User], change{c.Opened, 1})
		if !c.Closed.IsZero() {
			changes[c.User] = append(changes[c.User], change{c.Closed, -1})
		}
	}
	for _, user := range sorted(changes) {
		slices.SortFunc(changes[user], func(a, b change) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
		open, most := 0, 0
		for _, c := range changes[user] {
			open += c.by
			most = max(most, open)
		}
		if most > h.Limits.ConnectionsPerUser {
			found.add(Violation{Kind: OverLimit, Client: user},
				"%s had %d connections at the same time, where %d are allowed", user, most, h.Limits.ConnectionsPerUser)
		}
	}
}
