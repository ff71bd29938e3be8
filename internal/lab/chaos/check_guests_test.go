package chaos

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// goodGuest is a guest who keeps to the rules, and is treated by them. Gus is in
// the lobby from second 1 on. From second 20 to 50 his token does not permit it;
// then he comes back, leaves in second 60, and his token ends in second 80. He
// sends for some seconds after that, and is closed in second 85.
func goodGuest() *Guest {
	asked := func(second int, action, kind, code string) Asked {
		return Asked{Action: action, Room: "lobby", At: at(second), Answered: at(second).Add(200 * time.Millisecond), Type: kind, Code: code}
	}
	grant := func(second, ends int, rooms ...string) Grant {
		return Grant{At: at(second), Answered: at(second).Add(100 * time.Millisecond), Rooms: rooms, Ends: at(ends)}
	}
	heard := func(second int, seq int64) Heard {
		e := entry(seq)
		return Heard{At: at(second), Type: "message", Room: "lobby", User: e.User, Text: e.Text, Seq: seq}
	}
	cursor := func(second, x int) Heard {
		return Heard{At: at(second), Type: "cursor", Room: "lobby", User: "ada", X: x}
	}
	return &Guest{
		Name: "gus", User: "gus",
		Grants: []Grant{grant(0, 200, "lobby", "tea"), grant(20, 200, "tea"), grant(50, 80, "*")},
		Asked: []Asked{
			asked(1, "join", "joined", ""), asked(15, "sendMessage", "ack", ""),
			asked(19, "join", "joined", ""), // and its answer comes when the refresh is under way
			asked(25, "sendMessage", "error", "forbidden"), asked(30, "join", "error", "forbidden"), asked(31, "history", "error", "unavailable"),
			asked(51, "join", "joined", ""), asked(52, "presence", "presence", ""), asked(60, "leave", "left", ""),
			asked(78, "join", "error", "token_expired"), asked(82, "join", "joined", ""), asked(84, "ping", "error", "token_expired"),
		},
		Heard: []Heard{heard(11, 1), cursor(12, 1), heard(21, 2), cursor(22, 2), heard(52, 5), cursor(56, 3), cursor(61, 4), heard(61, 6)},
		Until: at(85), Closed: true,
	}
}

// withGuest is the good history with a guest, and with one who moves a cursor.
func withGuest(change func(*History, *Guest)) *History {
	h := good()
	g := goodGuest()
	h.Guests = []*Guest{g}
	for x, second := range []int{12, 21, 55, 61, 70} {
		h.Moves = append(h.Moves, Move{User: "ada", Room: "lobby", X: x + 1, At: at(second)})
	}
	h.Devices["b.1"].Cursors = []CursorShown{{Life: 1, Room: "lobby", User: "ada", ServerTime: 7, X: 1}, {Life: 1, Room: "tea", User: "ada", ServerTime: 3, X: 1}, {Life: 1, Room: "lobby", User: "ada", ServerTime: 7, X: 2}, {Life: 2, Room: "lobby", User: "ada", ServerTime: 5, X: 2}, {Life: 2, Visit: 1, Room: "lobby", User: "ada", ServerTime: 3, X: 1}}
	h.Limits = Limits{MessageRate: 1, MessageBurst: 2, ConnectionsPerUser: 2, RoomsPerConnection: 2, InboxLimit: 20}
	change(h, g)
	return h
}

// extra is something that a guest asked for beside.
func extra(g *Guest, second int, action, room, kind string) {
	g.Asked = append(g.Asked, Asked{Action: action, Room: room, At: at(second), Answered: at(second).Add(time.Millisecond), Type: kind})
}

// shown is a cursor that a guest was shown beside.
func shown(g *Guest, second, x int) {
	g.Heard = append(g.Heard, Heard{At: at(second), Type: "cursor", Room: "lobby", User: "ada", X: x})
}

func TestGuestsWithoutViolations(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*History, *Guest){
		"a good one": func(*History, *Guest) {},
		"nobody answered the refresh": func(_ *History, g *Guest) {
			g.Grants[1].Answered = time.Time{}
			extra(g, 40, "sendMessage", "lobby", "ack")
		},
		"a frame was asked for before the refresh": func(_ *History, g *Guest) { extra(g, 20, "history", "lobby", "history") },
		"a message was on its way": func(h *History, g *Guest) {
			h.Arrived[entry(3).Text] = at(25)
			g.Heard = append(g.Heard, Heard{At: at(45), Type: "message", Room: "lobby", Text: entry(3).Text, Seq: 3})
		},
		"messages come for a minute after the end":   func(_ *History, g *Guest) { g.Until = at(145) },
		"an open connection that was not seen since": func(_ *History, g *Guest) { g.Closed = false },
		"a cursor of a moment ago":                   func(h *History, g *Guest) { h.Moves[4].At = at(62); shown(g, 64, 5) },
		"a cursor after a leave and a join that may come late": func(_ *History, g *Guest) {
			extra(g, 58, "join", "lobby", "error")
			g.Asked[len(g.Asked)-1].Code = "unavailable"
			shown(g, 71, 5)
		},
		"as many rooms as there may be": func(_ *History, g *Guest) {
			extra(g, 53, "join", "tea", "joined")
			extra(g, 54, "join", "tea", "joined")
		},
		"as many connections as there may be": func(h *History, _ *Guest) {
			for n, opened := range []int{1, 2, 20} {
				h.Connections[fmt.Sprint("gus", n)] = &Connection{User: "gus", Opened: at(opened), Closed: at(opened + 18)}
			}
		},
		"as much as may be sent": func(h *History, _ *Guest) { send(h, "gus", 12, 0) },
		"an inbox that was not trimmed yet": func(h *History, _ *Guest) {
			h.Inboxes["eve"] = Inbox{IDs: make([]string, 25)}
		},
		"notifications as far apart as clocks": func(h *History, g *Guest) { notes(h, g, 9, 2, 1, 3) },
		"notifications posted in their order":  func(h *History, g *Guest) { posted(h, g, "Chat/Messages", 8, 9) },
		"the first was posted from the queue":  func(h *History, g *Guest) { posted(h, g, "Broadcast", 9, 8) },
		"notifications of two senders":         func(h *History, g *Guest) { notes(h, g, 30, 2, 1); h.Notifies[3].Device = "else" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range Check(withGuest(change)) {
				t.Errorf("%s: %s", v.Kind, v.What)
			}
		})
	}
}

// send has somebody send so many messages at once that are taken, each in so
// long.
func send(h *History, user string, n int, each time.Duration) {
	for i := range n {
		sent := at(0).Add(time.Duration(i) * each)
		seq := int64(100 + i)
		e := Entry{Seq: seq, ID: fmt.Sprint("flood", i), User: user, Text: fmt.Sprint("flood ", i)}
		h.Logs["flood"] = append(h.Logs["flood"], e)
		h.Sends = append(h.Sends, &Send{Device: user, User: user, Room: "flood", Text: e.Text, Outcome: Acked, SentAt: sent, AckedAt: sent.Add(each),
			Receipts: []Receipt{{Seq: seq, ID: e.ID}}})
	}
}

// notes has notifications sent to gus, so many seconds apart, whose inbox holds
// them in this order: 2, 1 means that the second one comes first. Their ids, m1,
// m2 and so on, ascend with the order.
func notes(h *History, g *Guest, apart int, order ...int) {
	ids := make([]string, len(order))
	for i, nth := range order {
		ids[i] = fmt.Sprint("m", i+1)
		h.Notifies = append(h.Notifies, &Notify{
			Device: "eve", Users: []string{"gus"}, Text: fmt.Sprint("note ", nth), ID: ids[i], Outcome: Acked,
			SentAt: at((nth - 1) * apart), AckedAt: at((nth - 1) * apart).Add(time.Second / 2),
		})
	}
	g.Asked = append(g.Asked, Asked{Action: "inbox", At: at(70), Answered: at(71), Type: "inbox", IDs: ids})
}

// posted has two notifications sent to gus in the seconds 0 and 2, which a
// function posts first in others.
func posted(h *History, g *Guest, by string, first, second int) {
	notes(h, g, 2, 1, 2)
	h.Connections["G"] = &Connection{ID: "G", Device: "gus", User: "gus", Opened: at(-5), Closed: at(90), Posts: []Post{
		{At: at(first), By: by, NotificationID: "m1", Answered: 500}, {At: at(second), By: "Chat/Messages", NotificationID: "m2", Answered: 200}, {At: at(20), By: by, NotificationID: "m1", Answered: 200},
	}}
}

func TestGuestsWithViolations(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want  Kind
		spoil func(*History, *Guest)
	}{
		"a send by a right that is gone": {RightKept, func(_ *History, g *Guest) { extra(g, 30, "sendMessage", "lobby", "ack") }},
		"a join by a right that is gone": {RightKept, func(_ *History, g *Guest) { extra(g, 30, "join", "lobby", "joined") }},
		"a message by a right that is gone": {RightKept, func(h *History, g *Guest) {
			h.Arrived[entry(3).Text] = at(30)
			g.Heard = append(g.Heard, Heard{At: at(31), Type: "message", Room: "lobby", Text: entry(3).Text, Seq: 3})
		}},
		"a cursor by a right that is gone": {RightKept, func(h *History, g *Guest) { h.Moves[4].At = at(30); shown(g, 31, 5) }},
		"a right that was given is missing": {RightMissing, func(_ *History, g *Guest) {
			extra(g, 55, "history", "lobby", "error")
			g.Asked[len(g.Asked)-1].Code = "forbidden"
		}},
		"a send after the end of the token": {TokenKept, func(_ *History, g *Guest) { extra(g, 87, "sendMessage", "lobby", "ack") }},
		"an open connection after the end":  {TokenKept, func(_ *History, g *Guest) { g.Closed, g.Until = false, at(210) }},
		"an open connection that is swept":  {TokenKept, func(_ *History, g *Guest) { g.Outlived = true }},
		"a message long after the end": {TokenKept, func(_ *History, g *Guest) {
			g.Until = at(220)
			g.Heard = append(g.Heard, Heard{At: at(210), Type: "message", Room: "lobby", Text: entry(6).Text, Seq: 6})
		}},
		"a token that is cut short": {TokenCut, func(_ *History, g *Guest) {
			g.Grants = g.Grants[:1]
			g.Asked = []Asked{{Action: "join", Room: "lobby", At: at(5), Answered: at(6), Type: "error", Code: "token_expired"}}
		}},
		"a cursor after the leave": {CursorOutsider, func(_ *History, g *Guest) { shown(g, 71, 5) }},
		"a cursor twice in a frame": {CursorOrder, func(h *History, _ *Guest) {
			h.CursorsTwice = []CursorTwice{{Device: "b.1", Room: "lobby", User: "ada"}}
		}},
		"an older cursor is reported": {CursorOrder, func(h *History, _ *Guest) {
			d := h.Devices["b.1"]
			d.Cursors = append(d.Cursors, CursorShown{Life: 2, Room: "lobby", User: "ada", ServerTime: 4, X: 1})
		}},
		"more rooms than there may be": {OverLimit, func(_ *History, g *Guest) {
			extra(g, 53, "join", "tea", "joined")
			extra(g, 54, "join", "attic", "joined")
			extra(g, 54, "join", "bar", "joined")
		}},
		"more connections than there may be": {OverLimit, func(h *History, _ *Guest) {
			for n := range 3 {
				h.Connections[fmt.Sprint("gus", n)] = &Connection{User: "gus", Opened: at(n), Closed: at(10)}
			}
		}},
		"more than may be sent": {OverLimit, func(h *History, _ *Guest) { send(h, "gus", 14, time.Millisecond) }},
		"more notified than may be": {OverLimit, func(h *History, _ *Guest) {
			send(h, "gus", 12, time.Millisecond)
			for n := range 2 {
				h.Notifies = append(h.Notifies, &Notify{Device: "gus", Text: fmt.Sprint(n), Outcome: Acked, SentAt: at(0), AckedAt: at(0)})
			}
		}},
		"more than an inbox keeps": {OverLimit, func(h *History, _ *Guest) { h.Inboxes["eve"] = Inbox{IDs: make([]string, 31)} }},
		"more than an inbox keeps, as a guest reads it": {OverLimit, func(_ *History, g *Guest) {
			g.Asked = append(g.Asked, Asked{Action: "inbox", Type: "inbox", IDs: make([]string, 31)})
		}},
		"notifications posted in another order": {NotesOrder, func(h *History, g *Guest) { posted(h, g, "Chat/Messages", 9, 8) }},
		"ids of an inbox do not ascend":         {NotesOrder, func(h *History, g *Guest) { notes(h, g, 1, 1, 2); slices.Reverse(g.Asked[len(g.Asked)-1].IDs) }},
		"an id twice in an inbox": {NotesOrder, func(h *History, g *Guest) {
			notes(h, g, 1, 1, 2)
			g.Asked[len(g.Asked)-1].IDs = []string{"m1", "m1"}
		}},
		"notifications disordered": {NotesOrder, func(h *History, g *Guest) { notes(h, g, 12, 2, 1, 3) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := Check(withGuest(c.spoil))
			for _, v := range found {
				if v.Kind == c.want && v.What != "" {
					return
				}
			}
			t.Errorf("found %+v, want %s among them", found, c.want)
		})
	}
}
