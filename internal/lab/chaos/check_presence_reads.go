package chaos

import (
	"slices"
	"time"
)

const (
	// readsInRow is how many answers in a row must be wrong about a user, and
	// readsSpan the time that they must span: a single one may come from a function
	// that was frozen during its work, or from a failed ping.
	readsInRow = 3
	readsSpan  = 6 * time.Second
	// ghostAfter is how long after its end a connection may count as present: one
	// and a half times its ping interval, in whole seconds; the time for which the
	// presence of a large room is cached; the clock difference that the server
	// allows; and the clock errors of the functions that wrote and read it.
	ghostAfter = pingInterval*3/2 + time.Second + memberCacheAge + 2*clockError + 2*clockError + slack
	// missingAfter is how long a member whose pings fail may be missing.
	missingAfter = 20 * time.Second
)

// checkPresenceReads compares the presence frames during the run with the
// connections at that time.
func checkPresenceReads(h *History, found *findings) {
	byUser := map[string][]*Connection{}
	for _, id := range sorted(h.Connections) {
		c := h.Connections[id]
		byUser[c.User] = append(byUser[c.User], c)
	}
	guests := map[string]bool{} // they never ping
	for _, g := range h.Guests {
		guests[g.User] = true
	}
	for _, g := range h.Guests {
		for _, room := range roomsAsked(g) {
			var reads []Asked
			for _, a := range g.Asked {
				if a.Action == "presence" && a.Room == room && a.Type == "presence" {
					reads = append(reads, a)
				}
			}
			for _, user := range sorted(byUser) {
				if user == "" {
					continue
				}
				connections := byUser[user]
				if at := inARow(reads, func(a Asked) bool { return slices.Contains(a.Users, user) && isGone(connections, room, a.At) }); at >= 0 {
					found.add(Violation{Kind: Ghost, Room: room, Client: user},
						"%s was listed in %s %d times in a row, more than %v after its last connection there had ended", user, room, readsInRow, ghostAfter)
				}
				if guests[user] {
					continue
				}
				if at := inARow(reads, func(a Asked) bool { return !slices.Contains(a.Users, user) && isEstablished(connections, room, a) }); at >= 0 {
					found.add(Violation{Kind: Overlooked, Room: room, Client: user},
						"%s was not listed in %s %d times in a row, and had been there for more than %v", user, room, readsInRow, missingAfter)
				}
			}
		}
	}
}

// roomsAsked returns the rooms whose presence a guest read.
func roomsAsked(g *Guest) []string {
	rooms := map[string]bool{}
	for _, a := range g.Asked {
		if a.Action == "presence" {
			rooms[a.Room] = true
		}
	}
	return sorted(rooms)
}

// inARow returns the first of enough consecutive answers for which so is true, or
// -1.
func inARow(reads []Asked, so func(Asked) bool) int {
	first := -1
	for i, a := range reads {
		switch {
		case !so(a):
			first = -1
		case first < 0:
			first = i
		}
		if first >= 0 && i-first+1 >= readsInRow && a.At.Sub(reads[first].At) >= readsSpan {
			return first
		}
	}
	return -1
}

// isGone reports whether no connection that asked to join a room can still count as
// present there.
func isGone(connections []*Connection, room string, at time.Time) bool {
	for _, c := range connections {
		if c.asked(room) && (c.Closed.IsZero() || c.Closed.Add(ghostAfter).After(at)) {
			return false
		}
	}
	return true
}

// isEstablished reports whether one of the connections was in a room long before an
// answer and until after it.
func isEstablished(connections []*Connection, room string, a Asked) bool {
	return slices.ContainsFunc(connections, func(c *Connection) bool {
		return c.stayed(room, a.At.Add(-missingAfter), a.Answered)
	})
}

// asked reports whether the connection asked to join a room.
func (c *Connection) asked(room string) bool {
	return slices.ContainsFunc(c.Stays, func(s Stay) bool { return s.Room == room }) || slices.Contains(c.Entered, room)
}
