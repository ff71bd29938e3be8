package chaos

import (
	"testing"
	"time"
)

func TestAGoodHistory(t *testing.T) {
	t.Parallel()
	for _, v := range Check(good()) {
		t.Errorf("%s: %s", v.Kind, v.What)
	}
}

// without returns a list without one element.
func without[T any](list []T, n int) []T {
	return append(append([]T{}, list[:n]...), list[n+1:]...)
}

// Each kind of violation is found, and where it is.
func TestViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(*History)
		want  Violation // What is not compared
	}{
		{"an acknowledged message is not in the log", func(h *History) {
			h.Sends[5].Outcome, h.Sends[5].Receipts = Acked, []Receipt{{Seq: 7, ID: "id7"}}
		}, Violation{Kind: LostAck, Room: "lobby", Client: "a.1", Seq: 7}},
		{"it is there with another id", func(h *History) { h.Sends[1].Receipts[0].ID = "other" },
			Violation{Kind: LostAck, Room: "lobby", Client: "a.1", Seq: 2}},
		{"it is there with another time", func(h *History) { h.Sends[1].Receipts[0].Timestamp++ },
			Violation{Kind: LostAck, Room: "lobby", Client: "a.1", Seq: 2}},
		{"it is there twice", func(h *History) {
			again := entry(3)
			again.Seq, again.ID = 9, "id9"
			h.Logs["lobby"] = append(h.Logs["lobby"], again)
			for _, d := range h.Devices {
				e := got(3)
				e.Seq, e.ID = 9, "id9"
				d.Events = append(d.Events, e)
			}
		}, Violation{Kind: LoggedTwice, Room: "lobby", Client: "a.1", Seq: 9}},
		{"a message of unknown outcome is there twice", func(h *History) { h.Sends[5] = h.Sends[0]; h.Sends[0].Outcome = Unknown; double(h, 1) },
			Violation{Kind: LoggedTwice, Room: "lobby", Client: "a.1", Seq: 9}},
		{"a refused one is in the log", func(h *History) { h.Sends[0].Outcome, h.Sends[0].Receipts = Refused, nil },
			Violation{Kind: RefusedLogged, Room: "lobby", Client: "a.1", Seq: 1}},
		{"a refused one is delivered", func(h *History) { h.Sends[0].Outcome, h.Sends[0].Receipts = Refused, nil },
			Violation{Kind: RefusedDelivered, Room: "lobby", Client: "b.1", Seq: 1}},
		{"nobody sent it", func(h *History) { h.Sends = without(h.Sends, 2) },
			Violation{Kind: Foreign, Room: "lobby", Client: "ada", Seq: 3}},
		{"somebody else sent it", func(h *History) { h.Sends[2].User = "eve" },
			Violation{Kind: Foreign, Room: "lobby", Client: "ada", Seq: 3}},
		{"copies are acknowledged differently", func(h *History) { h.Sends[4].Receipts[1] = receipt(5) },
			Violation{Kind: AcksDiffer, Room: "lobby", Client: "a.1", Seq: 5}},
		{"messages overtake each other", func(h *History) { h.Sends[0], h.Sends[1] = h.Sends[1], h.Sends[0] },
			Violation{Kind: SenderOrder, Room: "lobby", Client: "a.1", Seq: 1}},
		{"a send is never answered", func(h *History) { h.Sends[6].Outcome = Open },
			Violation{Kind: Unanswered, Room: "lobby", Client: "a.1"}},
		{"a notify is never answered", func(h *History) { h.Notifies[0].Outcome = Open },
			Violation{Kind: Unanswered, Client: good().Notifies[0].Device}},

		{"one in the middle is missing", func(h *History) { d := h.Devices["a.1"]; d.Events = without(d.Events, 5) },
			Violation{Kind: Missing, Room: "lobby", Client: "a.1", Seq: 3}},
		{"the first is missing", func(h *History) { d := h.Devices["a.1"]; d.Events = without(d.Events, 2) },
			Violation{Kind: Missing, Room: "lobby", Client: "a.1", Seq: 1}},
		{"the last is missing", func(h *History) { d := h.Devices["b.1"]; d.Events = d.Events[:len(d.Events)-1] },
			Violation{Kind: Missing, Room: "lobby", Client: "b.1", Seq: 6}},
		{"the first after coming back is missing", func(h *History) { d := h.Devices["b.1"]; d.Events = without(d.Events, 7) },
			Violation{Kind: Missing, Room: "lobby", Client: "b.1", Seq: 3}},
		{"somebody never gets in", func(h *History) { d := h.Devices["c.1"]; d.Events = d.Events[:5] },
			Violation{Kind: Missing, Room: "lobby", Client: "c.1"}},
		{"one comes twice", func(h *History) { d := h.Devices["b.1"]; d.Events = append(d.Events, got(6)) },
			Violation{Kind: Doubled, Room: "lobby", Client: "b.1", Seq: 6}},
		{"one that came before the absence comes again", func(h *History) { d := h.Devices["b.1"]; d.Events[7] = got(2) },
			Violation{Kind: Doubled, Room: "lobby", Client: "b.1", Seq: 2}},
		{"two come in the wrong order", func(h *History) {
			d := h.Devices["a.1"]
			d.Events[2], d.Events[3] = d.Events[3], d.Events[2]
		}, Violation{Kind: Disordered, Room: "lobby", Client: "a.1", Seq: 1}},
		{"one from before the join comes", func(h *History) { h.Devices["c.1"].Events[2] = got(1) },
			Violation{Kind: Disordered, Room: "lobby", Client: "c.1", Seq: 1}},
		{"one comes with another text", func(h *History) { h.Devices["b.1"].Events[2].Text = "else" },
			Violation{Kind: Phantom, Room: "lobby", Client: "b.1", Seq: 1}},
		{"a void comes", func(h *History) { h.Devices["b.1"].Events[8].Seq = 4 },
			Violation{Kind: Phantom, Room: "lobby", Client: "b.1", Seq: 4}},
		{"one comes that was sent after the leave", func(h *History) {
			d := h.Devices["c.1"]
			d.Events = append(d.Events[:4:4], append([]Event{got(5)}, d.Events[4:]...)...)
		}, Violation{Kind: Outsider, Room: "lobby", Client: "c.1", Seq: 5}},
		{"one comes before anything was joined", func(h *History) { d := h.Devices["c.1"]; d.Events = append([]Event{got(1)}, d.Events...) },
			Violation{Kind: Outsider, Room: "lobby", Client: "c.1", Seq: 1}},
		{"a rejoin is not made whole", func(h *History) {
			d := h.Devices["b.1"]
			d.Events[6].Recovered, d.Events[6].Seq = false, 5
			d.Events = append(d.Events[:7:7], got(6))
		}, Violation{Kind: NotRecovered, Room: "lobby", Client: "b.1", Seq: 2}},
		{"a join again is said not to be whole, and is", func(h *History) { h.Devices["a.1"].Events[4].Recovered = false },
			Violation{Kind: NotRecovered, Room: "lobby", Client: "a.1", Seq: 2}},
		{"after a join that was not made whole one is missing", func(h *History) {
			h.Retention = 2
			d := h.Devices["b.1"]
			d.Events[6].Recovered, d.Events[6].Seq = false, 5
			d.Events = d.Events[:7]
		}, Violation{Kind: Missing, Room: "lobby", Client: "b.1", Seq: 6}},
		{"one is put below the seq that a join has named", func(h *History) { h.JoinAnswers[1].Gaps = []int64{3, 4} },
			Violation{Kind: BelowJoin, Room: "lobby", Client: "c.1", Seq: 3}},
		{"a page has a gap", func(h *History) { h.Pages[0].Messages = without(h.Pages[0].Messages, 1) },
			Violation{Kind: WrongPage, Room: "lobby", Client: "b.1", Seq: 3}},

		{"a notification is lost", func(h *History) { h.Inboxes["bob"] = Inbox{} },
			Violation{Kind: NotificationLost, Client: "bob"}},
		{"more are lost than were dropped", func(h *History) { h.Inboxes["cyn"] = Inbox{} },
			Violation{Kind: NotificationLost, Client: "cyn"}},
		{"a second device never gets it", func(h *History) {
			h.Acknowledged["bob"] = nil
			h.Devices["b.2"] = &Device{Name: "b.2", User: "bob", HearsNotifications: true}
		}, Violation{Kind: NotificationLost, Client: "bob"}},
		{"a notification is not posted to an open connection", func(h *History) {
			h.Connections["E"] = &Connection{ID: "E", Device: "b.2", User: "bob", Opened: at(0)}
			h.Notifies[1].SentAt = at(5)
		}, Violation{Kind: NeverPosted, Client: "b.2"}},
		{"a notification comes twice", func(h *History) {
			d := h.Devices["b.1"]
			d.Notified = append(d.Notified, Notified{ID: "n3", Text: "three", Life: 2})
		}, Violation{Kind: NotificationDoubled, Client: "b.1"}},
		{"somebody else's comes", func(h *History) { h.Devices["c.1"].Notified = []Notified{{ID: "n2", Text: "two", Life: 1}} },
			Violation{Kind: NotificationPhantom, Client: "c.1"}},
		{"an acknowledged one is kept", func(h *History) { h.Inboxes["bob"] = Inbox{IDs: []string{"n1", "n2"}} },
			Violation{Kind: NotificationKept, Client: "bob"}},

		{"a member is not posted to", func(h *History) { lose(h, "A", 2) },
			Violation{Kind: NeverPosted, Room: "lobby", Client: "a.1", Seq: 2}},
		{"a member who went later is not posted to", func(h *History) { h.Copies = map[string]int{entry(2).Text: 1}; h.DLQ = nil; lose(h, "B", 2) },
			Violation{Kind: NeverPosted, Room: "lobby", Client: "b.1", Seq: 2}},
		{"a member is skipped by the queue", func(h *History) { queueAll(h); lose(h, "B", 1) },
			Violation{Kind: NeverPosted, Room: "lobby", Client: "b.1", Seq: 1}},
		{"a member is skipped when the queue was empty again", func(h *History) {
			queueAll(h)
			h.Idle = []time.Time{at(11), at(22), at(24)}
			lose(h, "B", 2)
		}, Violation{Kind: NeverPosted, Room: "lobby", Client: "b.1", Seq: 2}},
		{"a dead letter has no cause", func(h *History) { h.DLQ[0].Cause = "" },
			Violation{Kind: DLQUnclear, Room: "lobby", Seq: 2}},
		{"a dead letter is about nothing", func(h *History) { h.DLQ[0].Seq = 4 },
			Violation{Kind: DLQUnclear, Room: "lobby", Seq: 4}},
		{"a dead letter names nobody known", func(h *History) { h.DLQ[0].Pending[0].ConnectionID = "X" },
			Violation{Kind: DLQUnclear, Room: "lobby", Seq: 2}},
		{"a dead letter names who got it", func(h *History) { h.DLQ[0].Seq = 1 },
			Violation{Kind: DLQDelivered, Room: "lobby", Client: "b.1", Seq: 1}},
		{"a dead letter's batch is about nothing", func(h *History) { h.DLQ[0].Frame = batchOf(4, 2) },
			Violation{Kind: DLQUnclear, Room: "lobby", Seq: 4}},
		{"a dead letter's batch names who got one of it", func(h *History) { h.DLQ[0].Frame = batchOf(1, 2) },
			Violation{Kind: DLQDelivered, Room: "lobby", Client: "b.1", Seq: 1}},
		{"a failed post is forgotten", func(h *History) {
			h.Queued = nil
			d := h.Devices["c.1"]
			d.Events = d.Events[:len(d.Events)-1]
		}, Violation{Kind: Unaccounted, Room: "lobby", Client: "c.1", Seq: 6}},

		{"somebody is listed who has gone", func(h *History) { h.Expected["lobby"] = h.Expected["lobby"][:2] },
			Violation{Kind: Ghost, Room: "lobby", Client: "cyn"}},
		{"somebody is listed in a room that everybody has left", func(h *History) {
			h.Expected[quiet], h.Present[quiet] = nil, []string{"leaver-1"}
		}, Violation{Kind: Ghost, Room: quiet, Client: "leaver-1"}},
		{"somebody is not listed", func(h *History) { h.Present["lobby"] = h.Present["lobby"][1:] },
			Violation{Kind: Overlooked, Room: "lobby", Client: "ada"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := good()
			c.spoil(h)
			found := Check(h)
			for _, v := range found {
				if v.What == "" {
					t.Errorf("%s without words", v.Kind)
				}
				v.What = ""
				if v == c.want {
					return
				}
			}
			t.Errorf("found %+v, want among them %+v", found, c.want)
		})
	}
}
