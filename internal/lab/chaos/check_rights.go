package chaos

import (
	"slices"
	"time"
)

const (
	// slack is added to every documented time: a busy machine takes that long to
	// carry a frame.
	slack = time.Second
	// rightGrace is how long after the answer to a refresh a message may still come
	// by a permission that it removed.
	rightGrace = 5 * time.Second
	// closeWithin is how long after the end of its token a connection may be open.
	// A run sweeps every 10 s, so that there is time for sweeps that fail.
	closeWithin = time.Minute
	// memberCacheAge is how old the list of members for cursors may be.
	memberCacheAge = 2 * time.Second
)

// checkRights checks the requests and deliveries of guests against their tokens.
func checkRights(h *History, found *findings) {
	moves := movesAt(h)
	for _, g := range h.Guests {
		for n, grant := range g.Grants {
			if grant.Answered.IsZero() {
				break // from here on the permissions are not certain
			}
			until := g.Until
			if n+1 < len(g.Grants) {
				until = g.Grants[n+1].At
			}
			checkAsked(g, grant, until, found)
			checkHeard(h, g, grant, until, moves, found)
		}
		checkEnd(h, g, found)
	}
}

// needRight are the actions that need a permission in their room, except
// cursorMove, which has no answer.
var needRight = []string{"join", "sendMessage", "history", "presence"}

// checkAsked checks the requests while a token was valid: what it does not permit
// is refused, and what it permits is not forbidden.
func checkAsked(g *Guest, grant Grant, until time.Time, found *findings) {
	for _, a := range g.Asked {
		if !slices.Contains(needRight, a.Action) || a.Answered.IsZero() || a.At.Before(grant.Answered) || a.Answered.After(until) {
			continue
		}
		switch permitted := grant.permits(a.Room); {
		case !permitted && a.accepted():
			found.add(Violation{Kind: RightKept, Room: a.Room, Client: g.Name},
				"the %s of %s in %s was answered with %s, %v after a token was accepted that does not permit it", a.Action, g.Name, a.Room, a.Type, since(a.At, grant.Answered))
		case permitted && a.Code == "forbidden":
			found.add(Violation{Kind: RightMissing, Room: a.Room, Client: g.Name},
				"the %s of %s in %s was forbidden, %v after a token was accepted that permits it", a.Action, g.Name, a.Room, since(a.At, grant.Answered))
		}
	}
}

// checkHeard checks the frames that came while a token was valid: none of a room
// that it does not permit, except frames that were in flight.
func checkHeard(h *History, g *Guest, grant Grant, until time.Time, moves map[Move]time.Time, found *findings) {
	said := map[string]bool{}
	for _, f := range g.Heard {
		if f.Room == "" || grant.permits(f.Room) || f.At.Before(grant.Answered) || f.At.After(until) || said[f.Type+f.Room] {
			continue
		}
		var sent time.Time
		grace := rightGrace
		switch f.Type {
		case "message":
			sent = h.Arrived[f.Text]
		case "cursor":
			sent, grace = moves[f.move()], memberCacheAge+slack
		}
		if sent.After(grant.Answered.Add(grace)) {
			said[f.Type+f.Room] = true // once
			found.add(Violation{Kind: RightKept, Room: f.Room, Client: g.Name, Seq: f.Seq},
				"%s was sent a %s of %s by %s that was made %v after a token was accepted that does not permit the room", g.Name, f.Type, f.Room, f.User, since(sent, grant.Answered))
		}
	}
}

// checkEnd checks what came after the end of a guest's last token. The server has
// forgotten an open connection that POST and GET called gone, so it need not close
// it.
func checkEnd(h *History, g *Guest, found *findings) {
	if len(g.Grants) == 0 || g.Grants[len(g.Grants)-1].Answered.IsZero() {
		return
	}
	ends := g.Grants[len(g.Grants)-1].Ends
	for _, a := range g.Asked {
		after := a.At.Sub(ends)
		if a.accepted() && a.Action != "refresh" && after > clockError+slack {
			found.add(Violation{Kind: TokenKept, Room: a.Room, Client: g.Name},
				"the %s of %s was answered with %s, %v after its token had ended", a.Action, g.Name, a.Type, after.Round(time.Millisecond))
		}
		if before := ends.Sub(a.Answered); a.Code == "token_expired" && len(g.Grants) == 1 && before > clockError+slack {
			found.add(Violation{Kind: TokenCut, Room: a.Room, Client: g.Name},
				"the %s of %s was answered with token_expired, %v before its token ended", a.Action, g.Name, before.Round(time.Millisecond))
		}
	}
	latest := ends.Add(closeWithin + clockError + slack)
	if h.doubts(g) {
		return
	}
	if g.Outlived {
		found.add(Violation{Kind: TokenKept, Client: g.Name},
			"the connection of %s, whose token had ended, was open at the end of the run, although such connections were being closed", g.Name)
		return
	}
	if n := slices.IndexFunc(g.Heard, func(f Heard) bool { return f.At.After(latest) }); n >= 0 || !g.Closed && g.Until.After(latest) {
		found.add(Violation{Kind: TokenKept, Client: g.Name}, "the connection of %s was open for more than %v after its token had ended", g.Name, closeWithin)
	}
}

// doubts reports whether POST and GET called a connection of a guest gone.
func (h *History) doubts(g *Guest) bool {
	for _, c := range h.Connections {
		if c.Device == g.Name && c.doubted {
			return true
		}
	}
	return false
}

// since returns the time between two times, rounded for people.
func since(later, earlier time.Time) time.Duration { return later.Sub(earlier).Round(time.Millisecond) }
