package chaos

import "time"

// move is the move that a cursor frame shows, without its time.
func (f Heard) move() Move { return Move{User: f.User, Room: f.Room, X: f.X} }

// movesAt says when each move was made.
func movesAt(h *History) map[Move]time.Time {
	at := map[Move]time.Time{}
	for _, m := range h.Moves {
		at[Move{User: m.User, Room: m.Room, X: m.X}] = m.At
	}
	return at
}

// checkCursors holds cursors to what the docs promise of them: they come to
// members only, those of a moment ago among them, and never an older one after a
// newer.
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

// absences are the times in which a guest was in a room no more, by the answer
// to its leave.
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
			// One that was under way when the leave was asked for may be carried out
			// after it.
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

// checkShown looks at the cursors that a client reported. Which of two is newer
// the server's times say; that is all that a client can go by.
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
