package chaos

import (
	"fmt"
	"time"
)

// noon is when the hand-made histories begin; a step of them takes a second.
var noon = time.UnixMilli(1_790_000_000_000)

func at(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }

// entry is the message at a seq of the good history: the one with seq n was
// taken in second 10 n.
func entry(seq int64) Entry {
	return Entry{Seq: seq, ID: fmt.Sprint("id", seq), User: "ada", Text: fmt.Sprint("a.1 #", seq), Timestamp: at(int(10 * seq)).UnixMilli()}
}

// got is its delivery, a second later.
func got(seq int64) Event {
	e := entry(seq)
	return Event{Kind: Got, At: at(int(10*seq) + 1), Room: "lobby", Seq: seq, ID: e.ID, Text: e.Text}
}

func receipt(seq int64) Receipt {
	e := entry(seq)
	return Receipt{Seq: e.Seq, ID: e.ID, Timestamp: e.Timestamp}
}

// good is a history without a violation. Ada sends seqs 1 to 6 of the lobby,
// but 4, which is void. Bob is there from seq 1 on, is away after 2 and comes
// back; Cyn joins after seq 2, leaves after 3 and joins again after 5.
func good() *History {
	h := &History{
		Devices: map[string]*Device{}, Retention: 1000,
		Logs:         map[string][]Entry{"lobby": {entry(1), entry(2), entry(3), entry(5), entry(6)}},
		Connections:  map[string]*Connection{},
		Arrived:      map[string]time.Time{},
		Inboxes:      map[string]Inbox{},
		Acknowledged: map[string]map[string]bool{},
		Present:      map[string][]string{"lobby": {"ada", "bob", "cyn"}},
		Expected:     map[string][]string{"lobby": {"ada", "bob", "cyn"}},
	}
	for _, seq := range []int64{1, 2, 3, 5, 6} {
		h.Arrived[entry(seq).Text] = at(int(10 * seq))
		h.Sends = append(h.Sends, &Send{
			Device: "a.1", User: "ada", Room: "lobby", Life: 1, Text: entry(seq).Text, Ordered: true, Outcome: Acked, Receipts: []Receipt{receipt(seq)},
		})
	}
	h.Sends = append(h.Sends,
		&Send{Device: "a.1", User: "ada", Room: "lobby", Life: 1, Text: "a.1 #7", Ordered: true, Outcome: Refused, Code: "bad_field"},
		&Send{Device: "a.1", User: "ada", Room: "lobby", Life: 1, Text: "a.1 #8", Ordered: true, Outcome: Unknown})
	h.Sends[4].Receipts = append(h.Sends[4].Receipts, receipt(6)) // of a copy
	joined := func(second int, seq int64, recovered bool) Event {
		return Event{Kind: Joined, At: at(second), Room: "lobby", Seq: seq, Recovered: recovered}
	}
	ask := func(second int, seq int64) Event {
		return Event{Kind: AskedToJoin, At: at(second), Room: "lobby", Seq: seq}
	}
	h.Devices["a.1"] = &Device{Name: "a.1", User: "ada", Events: []Event{
		ask(0, -1), joined(1, 0, false), got(1), got(2), joined(25, 2, true), got(3), got(5), got(6),
	}}
	h.Devices["b.1"] = &Device{Name: "b.1", User: "bob", HearsNotifications: true, Events: []Event{
		ask(0, -1), joined(1, 0, false), got(1), got(2), {Kind: Away, At: at(25), Room: "lobby"},
		ask(55, 2), joined(56, 2, true), got(3), got(5), got(6),
	}}
	h.Devices["c.1"] = &Device{Name: "c.1", User: "cyn", HearsNotifications: true, Events: []Event{
		ask(21, -1), joined(22, 2, false), got(3), {Kind: Left, At: at(35), Room: "lobby"},
		ask(53, -1), joined(54, 5, false), got(6),
	}}
	h.Pages = []Page{{Device: "b.1", Room: "lobby", Before: 0, Begin: 2, Messages: []Entry{entry(2), entry(3), entry(5)}},
		{Device: "b.1", Room: "lobby", Before: 2, Begin: 1, Messages: []Entry{entry(1)}}}
	h.JoinAnswers = []JoinAnswer{{At: at(22), Device: "c.1", Room: "lobby", Seq: 2}, {At: at(54), Device: "c.1", Room: "lobby", Seq: 5, Gaps: []int64{4}}}
	goodNotifications(h)
	goodLedger(h)
	return h
}

// goodNotifications has Ada notify Bob and Cyn: Bob acknowledges n1, n2 waits for
// him, and of Cyn's, n1 was dropped.
func goodNotifications(h *History) {
	h.Notifies = []*Notify{
		{Device: "a.1", Users: []string{"bob", "cyn"}, Text: "one", ID: "n1", Outcome: Acked},
		{Device: "a.1", Users: []string{"bob"}, Text: "two", ID: "n2", Outcome: Acked},
		{Device: "a.1", Users: []string{"bob"}, Text: "three", Outcome: Unknown},
	}
	h.Devices["b.1"].Notified = []Notified{{ID: "n1", Text: "one", Life: 1}, {ID: "n1", Text: "one", Life: 2}, {ID: "n3", Text: "three", Life: 2}}
	h.Acknowledged["bob"] = map[string]bool{"n1": true}
	h.Inboxes["bob"] = Inbox{IDs: []string{"n2"}}
	h.Inboxes["cyn"] = Inbox{Dropped: 1}
}

// goodLedger has Cyn's last connection miss seq 6, which then waits for it, and
// a dead letter for Bob's connection, which got the message when the
// job was already under way, and has ended.
func goodLedger(h *History) {
	ok := func(second int, seq int64) Post {
		return Post{At: at(second), Room: "lobby", Seq: seq, Carried: true, Answered: 200}
	}
	h.Connections["A"] = &Connection{ID: "A", Device: "a.1", Opened: at(0), Stays: []Stay{{Room: "lobby", From: at(1)}},
		Posts: []Post{ok(11, 1), ok(21, 2), {At: at(31), Room: "lobby", Seq: 3, Answered: 500}, ok(32, 3), ok(51, 5), {At: at(61), Room: "lobby", Seq: 6, Carried: true, Answered: 0}}}
	h.Connections["B"] = &Connection{ID: "B", Device: "b.1", Opened: at(0), Closed: at(25), Stays: []Stay{{Room: "lobby", From: at(1), To: at(25)}},
		Posts: []Post{ok(11, 1), {At: at(21), Room: "lobby", Seq: 2, Answered: 500}, ok(23, 2)}}
	h.Connections["C"] = &Connection{ID: "C", Device: "c.1", Opened: at(50), Stays: []Stay{{Room: "lobby", From: at(54)}},
		Posts: []Post{{At: at(61), Room: "lobby", Seq: 6, Answered: 500}}}
	h.DLQ = []Job{{RoomID: "lobby", Seq: 2, Pending: []Recipient{{ConnectionID: "B", UserID: "bob"}}, Cause: "500"}}
	h.Queued = []Job{{RoomID: "lobby", Seq: 6, Pending: []Recipient{{ConnectionID: "C", UserID: "cyn"}}, Cause: "500"}}
}
