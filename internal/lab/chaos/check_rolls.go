package chaos

import (
	"slices"
	"time"
)

const (
	// rollsInRow is how many answers in a row have to be wrong about a user, and
	// rollSpan the time that they have to span: one alone may be of a function
	// that was stopped in the middle of its work, or of a ping that failed.
	rollsInRow = 3
	rollSpan   = 6 * time.Second
	// ghostAfter is how long after its end a connection may count as present: the
	// heartbeat that it promised and half of it, in whole seconds, the time for
	// which the presence of a large room is remembered, the difference of clocks
	// that the server forgives, and the clocks of who wrote and who read it.
	ghostAfter = heartbeat*3/2 + time.Second + rosterAge + 2*clockError + 2*clockError + slack
	// missingAfter is how long a member may be overlooked whose pings fail.
	missingAfter = 20 * time.Second
)

// checkRolls compares the answers to who is present with the connections that
// there were, during the run.
func checkRolls(h *History, found *findings) {
	byUser := map[string][]*Connection{}
	for _, id := range sorted(h.Connections) {
		c := h.Connections[id]
		byUser[c.User] = append(byUser[c.User], c)
	}
	guests := map[string]bool{} // who never ping
	for _, g := range h.Guests {
		guests[g.User] = true
	}
	for _, g := range h.Guests {
		for _, room := range roomsAsked(g) {
			var rolls []Asked
			for _, a := range g.Asked {
				if a.Action == "presence" && a.Room == room && a.Type == "presence" {
					rolls = append(rolls, a)
				}
			}
			for _, user := range sorted(byUser) {
				if user == "" {
					continue
				}
				connections := byUser[user]
				if at := inARow(rolls, func(a Asked) bool { return slices.Contains(a.Users, user) && isGone(connections, room, a.At) }); at >= 0 {
					found.add(Violation{Kind: Ghost, Room: room, Client: user},
						"%s was listed in %s %d times in a row, more than %v after its last connection there had ended", user, room, rollsInRow, ghostAfter)
				}
				if guests[user] {
					continue
				}
				if at := inARow(rolls, func(a Asked) bool { return !slices.Contains(a.Users, user) && isSettled(connections, room, a) }); at >= 0 {
					found.add(Violation{Kind: Overlooked, Room: room, Client: user},
						"%s was not listed in %s %d times in a row, and had been there for more than %v", user, room, rollsInRow, missingAfter)
				}
			}
		}
	}
}

// roomsAsked are the rooms of which a guest asked who is present.
func roomsAsked(g *Guest) []string {
	rooms := map[string]bool{}
	for _, a := range g.Asked {
		if a.Action == "presence" {
			rooms[a.Room] = true
		}
	}
	return sorted(rooms)
}

// inARow returns where something began to be so for long enough, -1 for nowhere.
func inARow(rolls []Asked, so func(Asked) bool) int {
	first := -1
	for i, a := range rolls {
		switch {
		case !so(a):
			first = -1
		case first < 0:
			first = i
		}
		if first >= 0 && i-first+1 >= rollsInRow && a.At.Sub(rolls[first].At) >= rollSpan {
			return first
		}
	}
	return -1
}

// isGone says whether none of the connections that ever asked for a room can
// count as present there any more.
func isGone(connections []*Connection, room string, at time.Time) bool {
	for _, c := range connections {
		if c.asked(room) && (c.Closed.IsZero() || c.Closed.Add(ghostAfter).After(at)) {
			return false
		}
	}
	return true
}

// isSettled says whether one of the connections was in a room for long before
// an answer, and still was after it.
func isSettled(connections []*Connection, room string, a Asked) bool {
	return slices.ContainsFunc(connections, func(c *Connection) bool {
		return c.stayed(room, a.At.Add(-missingAfter), a.Answered)
	})
}

// asked says whether the connection ever asked to join a room.
func (c *Connection) asked(room string) bool {
	return slices.ContainsFunc(c.Stays, func(s Stay) bool { return s.Room == room }) || slices.Contains(c.Entered, room)
}
