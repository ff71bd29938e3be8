package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// double puts the message of a seq into the log once more, at seq 9.
func double(h *History, seq int64) {
	again := entry(seq)
	again.Seq, again.ID = 9, "id9"
	h.Logs["lobby"] = append(h.Logs["lobby"], again)
}

// lose forgets that a message was posted to a connection.
func lose(h *History, id string, seq int64) {
	c := h.Connections[id]
	c.Posts = slices.DeleteFunc(c.Posts, func(p Post) bool { return p.Seq == seq })
}

// queueAll has everything posted from the queue, and B stay until it had seq 2.
func queueAll(h *History) {
	h.DLQ = nil
	for _, c := range h.Connections {
		for i := range c.Posts {
			c.Posts[i].By = "Chat/Broadcast"
		}
	}
	for _, s := range h.Sends {
		if s.Outcome == Acked {
			s.AckedAt = time.UnixMilli(s.Receipts[0].Timestamp).Add(time.Second)
		}
	}
}

// batchOf is a batch of the messages with these seqs.
func batchOf(seqs ...int64) string {
	var frames []string
	for _, seq := range seqs {
		frames = append(frames, fmt.Sprintf(`{"type":"message","roomId":"lobby","seq":%d}`, seq))
	}
	return `{"type":"batch","frames":[` + strings.Join(frames, ",") + `]}`
}

// skew has the functions' clocks wrong, those of every second message by 5 s one
// way, and of the others by 5 s the other.
func skew(h *History) {
	wrong := func(seq, timestamp int64) int64 { return timestamp + 5000 - seq%2*10_000 }
	for i, e := range h.Logs["lobby"] {
		h.Logs["lobby"][i].Timestamp = wrong(e.Seq, e.Timestamp)
	}
	for _, s := range h.Sends {
		for i, r := range s.Receipts {
			s.Receipts[i].Timestamp = wrong(r.Seq, r.Timestamp)
		}
	}
	for _, p := range h.Pages {
		for i, e := range p.Messages {
			p.Messages[i].Timestamp = wrong(e.Seq, e.Timestamp)
		}
	}
}
