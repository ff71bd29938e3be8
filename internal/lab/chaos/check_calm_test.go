package chaos

import (
	"testing"
	"time"
)

// What only looks like a violation is not reported.
func TestNoViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*History)
	}{
		{"a message of unknown outcome is in the log", func(h *History) { h.Sends[1].Outcome, h.Sends[1].Receipts = Unknown, nil }},
		{"the order of two lives is another", func(h *History) {
			h.Sends[0].Life = 2
			h.Sends[0], h.Sends[1] = h.Sends[1], h.Sends[0]
		}},
		{"one that was on its way comes after the leave", func(h *History) {
			d := h.Devices["c.1"]
			d.Events[2], d.Events[3] = d.Events[3], d.Events[2]
		}},
		{"one comes before the answer to the join", func(h *History) {
			d := h.Devices["c.1"]
			d.Events[1], d.Events[2] = d.Events[2], d.Events[1]
		}},
		{"a rejoin from beyond what is kept is not made whole", func(h *History) {
			h.Retention = 2
			d := h.Devices["b.1"]
			d.Events[6].Recovered, d.Events[6].Seq = false, 5
			d.Events = append(d.Events[:7:7], got(6))
		}},
		{"the newest come all the same", func(h *History) {
			h.Retention = 2
			d := h.Devices["b.1"]
			d.Events[6].Recovered, d.Events[6].Seq = false, 5
			d.Events = append(d.Events[:7:7], got(5), got(6))
		}},
		{"a message of unknown outcome is posted to nobody", func(h *History) {
			h.Sends[1].Outcome, h.Sends[1].Receipts = Unknown, nil
			lose(h, "A", 2)
		}},
		{"a member left before its deferred post", func(h *History) {
			h.Copies, h.DLQ = map[string]int{entry(2).Text: 1}, nil
			h.Deferred = map[string]map[int64]bool{"lobby": {2: true}}
			lose(h, "B", 2)
		}},
		{"one that waits for everybody is posted to nobody", func(h *History) {
			lose(h, "A", 2)
			h.Queued = append(h.Queued, Job{RoomID: "lobby", Seq: 2})
		}},
		{"one in a batch that waits for everybody is posted to nobody", func(h *History) {
			lose(h, "A", 2)
			h.Queued = append(h.Queued, Job{RoomID: "lobby", Seq: 3, Frame: batchOf(2, 3)})
		}},
		{"the queue skips a member who was still joining", func(h *History) {
			queueAll(h)
			lose(h, "B", 1)
			h.Connections["B"].Stays[0].From = at(10).Add(time.Millisecond)
		}},
		{"the queue skips a member before what was queued earlier", func(h *History) {
			queueAll(h)
			lose(h, "B", 1)
			h.Sends[0].AckedAt = at(20).Add(time.Millisecond) // when the next one was on its way
		}},
		{"a job that was delivered twice passed one that came back later", func(h *History) {
			queueAll(h)
			lose(h, "B", 1)
			c := h.Connections["A"]
			c.Posts = append(c.Posts, Post{At: at(90), Room: "lobby", Seq: 1, By: "Chat/Broadcast", Carried: true, Answered: 200})
		}},
		{"a member went before the queue was empty", func(h *History) {
			queueAll(h)
			h.Idle = []time.Time{at(20), at(26)}
			lose(h, "B", 2)
		}},
		{"the next one came out of the queue for this member alone", func(h *History) {
			queueAll(h)
			lose(h, "B", 1)
			h.Connections["A"].Posts[1].By = "Chat/Messages"
		}},
		{"a member who had it fails when the job is carried out again", func(h *History) {
			h.DLQ[0].Seq = 1
			c := h.Connections["B"]
			c.Posts = append(c.Posts, Post{At: at(12), Room: "lobby", Seq: 1, By: "Chat/Broadcast", Answered: 429})
		}},
		{"the post was cut off, and the client has made up for it", func(h *History) {
			h.Connections["A"].Posts[0].Carried = false
			h.Connections["A"].Posts[0].Answered = 0
		}},
		{"a page ends where it was asked to", func(h *History) { h.Pages[0] = Page{Room: "lobby", Before: 5, Begin: 3, Messages: []Entry{entry(3)}} }},
		{"a dead letter is about a copy", func(h *History) { h.DLQ[0].Seq, h.Copies = 1, map[string]int{entry(1).Text: 2} }},
		{"a member who went later is not posted to by the queue", func(h *History) {
			h.Copies, h.DLQ = map[string]int{entry(2).Text: 1}, nil
			h.Connections["A"].Posts[1].By = "Chat/Broadcast"
			lose(h, "B", 2)
		}},
		{"a member who went later is not posted to for one of the copies", func(h *History) {
			h.Copies, h.DLQ = map[string]int{entry(2).Text: 2}, nil
			lose(h, "B", 2)
		}},
		{"a member who went before others had it is not posted to", func(h *History) {
			h.Copies, h.DLQ = map[string]int{entry(2).Text: 1}, nil
			h.Connections["B"].Stays[0].To = at(20).Add(time.Millisecond)
			lose(h, "B", 2)
		}},
		{"a message of unknown outcome is put below the seq that a join has named", func(h *History) {
			h.JoinAnswers[1].Gaps, h.Sends[2].Outcome, h.Sends[2].Receipts = []int64{3}, Unknown, nil
		}},
		{"the clocks of the functions are 5 s fast and slow", skew},
		{"a notification waits for a connection", func(h *History) {
			h.Connections["E"] = &Connection{ID: "E", Device: "b.2", User: "bob", Opened: at(0)}
			h.Notifies[1].SentAt = at(5)
			h.Queued = append(h.Queued, Job{NotificationID: "n2", Pending: []Recipient{{ConnectionID: "E"}}})
		}},
		{"a notification was sent before the connection was made", func(h *History) {
			h.Connections["E"] = &Connection{ID: "E", Device: "b.2", User: "bob", Opened: at(6)}
			h.Notifies[1].SentAt = at(5)
		}},
		{"an empty page", func(h *History) { h.Pages[0] = Page{Room: "lobby"} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := good()
			c.change(h)
			for _, v := range Check(h) {
				t.Errorf("%s: %s", v.Kind, v.What)
			}
		})
	}
}
