package chaos

import "time"

// move returns the move that a cursor frame shows, without its time.
func (f Heard) move() Move { return Move{User: f.User, Room: f.Room, X: f.X} }

// movesAt returns the time of each move.
func movesAt(h *History) map[Move]time.Time {
	at := map[Move]time.Time{}
	for _, m := range h.Moves {
		at[Move{User: m.User, Room: m.Room, X: m.X}] = m.At
	}
	return at
}

// checkCursors checks the documented promises of cursors: they reach members and
// recent members only, and never an older one after a newer.
func checkCursors(h *History, found *findings) {
	moves := movesAt(h)
	for _, g := range h.Guests {
		for _, stay := range g.absences() {
			checkAbsence(g, stay, moves, found)
		}
	}
	for _, c := range h.CursorsTwice {
		found.add(Violation{Kind: CursorOrder, Room: c.Room, Client: c.Device},
			"one frame for %s had more than one place of the cursor of %s in %s, where only the last counts", c.Device, c.User, c.Room)
	}
	for _, name := range sorted(h.Devices) {
		checkShown(h.Devices[name], found)
	}
}

// absences returns when a guest was out of a room, by the answers to its leaves.
func (g *Guest) absences() []Stay {
	var absences []Stay
	for i, a := range g.Asked {
		if a.Action != "leave" || a.Type != "left" {
			continue
		}
		absent := Stay{Room: a.Room, From: a.Answered, To: g.Until}
		for j, other := range g.Asked {
			if other.Action != "join" || other.Room != a.Room || j == i {
				continue
			}
			if other.At.After(a.Answered) && other.At.Before(absent.To) {
				absent.To = other.At
			}
			// A join that was in progress at the leave may take effect after it.
			if other.At.Before(a.Answered) && !other.isDone(a.At) {
				absent.To = absent.From
			}
		}
		absences = append(absences, absent)
	}
	return absences
}

func checkAbsence(g *Guest, absent Stay, moves map[Move]time.Time, found *findings) {
	for _, f := range g.Heard {
		if f.Type != "cursor" || f.Room != absent.Room || f.At.Before(absent.From) || f.At.After(absent.To) {
			continue
		}
		if made := moves[f.move()]; made.After(absent.From.Add(memberCacheAge + slack)) {
			found.add(Violation{Kind: CursorOutsider, Room: f.Room, Client: g.Name},
				"%s was shown a cursor of %s in %s, moved %v after it had left the room", g.Name, f.User, f.Room, since(made, absent.From))
			return
		}
	}
}

// checkShown checks the cursors that a client reported. The server's times say
// which of two is newer; a client knows nothing else.
func checkShown(d *Device, found *findings) {
	type of struct {
		life, visit int
		room, user  string
	}
	last := map[of]CursorShown{}
	said := map[of]bool{}
	for _, c := range d.Cursors {
		in := of{c.Life, c.Visit, c.Room, c.User}
		if before, ok := last[in]; ok && c.ServerTime < before.ServerTime && !said[in] {
			said[in] = true
			found.add(Violation{Kind: CursorOrder, Room: c.Room, Client: d.Name},
				"%s reported move %d of %s in %s after move %d, which is newer", d.Name, c.X, c.User, c.Room, before.X)
		}
		last[in] = c
	}
}
