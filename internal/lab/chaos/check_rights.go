package chaos

import (
	"slices"
	"time"
)

const (
	// slack is added to every documented time: what a busy machine needs to
	// carry a frame from one end to the other.
	slack = time.Second
	// rightGrace is how long after a refresh was answered a message may still
	// come by the right that it took away.
	rightGrace = 5 * time.Second
	// closeWithin is how long after the end of its token a connection may be open.
	// A run sweeps every 10 s, so that there is time for sweeps that fail.
	closeWithin = time.Minute
	// memberCacheAge is how old the members may be that cursors are shown to.
	memberCacheAge = 2 * time.Second
)

// checkRights holds what guests did and were sent to what their tokens permit.
func checkRights(h *History, found *findings) {
	moves := movesAt(h)
	for _, g := range h.Guests {
		for n, grant := range g.Grants {
			if grant.Answered.IsZero() {
				break // nobody knows what holds from here on
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

// needRight are the actions that need a right in their room, beside cursorMove,
// which has no answer.
var needRight = []string{"join", "sendMessage", "history", "presence"}

// checkAsked looks at what was asked for while a token counted: what it does not
// permit is refused, and what it permits is not forbidden.
func checkAsked(g *Guest, grant Grant, until time.Time, found *findings) {
	for _, a := range g.Asked {
		if !slices.Contains(needRight, a.Action) || a.Answered.IsZero() || a.At.Before(grant.Answered) || a.Answered.After(until) {
			continue
		}
		switch permitted := grant.permits(a.Room); {
		case !permitted && a.accepted():
			found.add(Violation{Kind: RightKept, Room: a.Room, Client: g.Name},
				"the %s of %s in %s was answered with %s, %v after a token counted that does not permit it", a.Action, g.Name, a.Room, a.Type, since(a.At, grant.Answered))
		case permitted && a.Code == "forbidden":
			found.add(Violation{Kind: RightMissing, Room: a.Room, Client: g.Name},
				"the %s of %s in %s was forbidden, %v after a token counted that permits it", a.Action, g.Name, a.Room, since(a.At, grant.Answered))
		}
	}
}

// checkHeard looks at what came while a token counted: nothing of a room that it
// does not permit, but what was on its way.
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
				"%s was sent a %s of %s by %s that was made %v after a token counted that does not permit the room", g.Name, f.Type, f.Room, f.User, since(sent, grant.Answered))
		}
	}
}

// checkEnd looks at what came after the end of a guest's last token. A connection
// that was said to be gone and is open is one of which the server knows nothing
// any more, so it does not close it.
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
			"the connection of %s, whose token had ended, was open at the end of the run, though those like it were closed again and again", g.Name)
		return
	}
	if n := slices.IndexFunc(g.Heard, func(f Heard) bool { return f.At.After(latest) }); n >= 0 || !g.Closed && g.Until.After(latest) {
		found.add(Violation{Kind: TokenKept, Client: g.Name}, "the connection of %s was open for more than %v after its token had ended", g.Name, closeWithin)
	}
}

// doubts says whether a connection of a guest was said to be gone.
func (h *History) doubts(g *Guest) bool {
	for _, c := range h.Connections {
		if c.Device == g.Name && c.doubted {
			return true
		}
	}
	return false
}

// since is how long after one time another is, as people read it.
func since(later, earlier time.Time) time.Duration { return later.Sub(earlier).Round(time.Millisecond) }
