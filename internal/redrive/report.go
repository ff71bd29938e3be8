package redrive

import "github.com/roomcast/roomcast/internal/realtime"

// Report says what a message of the dead-letter queue is, and what becomes of
// it. Its JSON is part of the command's interface.
type Report struct {
	// MessageID is SQS's.
	MessageID string `json:"messageId"`
	// RoomID, Seq and Shard are those of a message to a room, NotificationID
	// that of a notification. FirstSeq is set where there are several messages
	// in one frame: Seq is the last one's then.
	RoomID         string `json:"roomId,omitempty"`
	FirstSeq       int64  `json:"firstSeq,omitempty"`
	Seq            int64  `json:"seq,omitempty"`
	Shard          int    `json:"shard,omitempty"`
	NotificationID string `json:"notificationId,omitempty"`
	// Cause is what became of the last post to one of the connections.
	Cause string `json:"cause,omitempty"`
	// Receives is how often SQS handed it out, looks at it by this package
	// included.
	Receives int `json:"receives"`
	// AgeSeconds is how long it has been in the dead-letter queue.
	AgeSeconds int64 `json:"ageSeconds"`
	// Action is what was done about it, or would be.
	Action Action `json:"action"`
	// Connections are those that it was owed to.
	Connections []Connection `json:"connections"`
	// Problem says why it is left. Body is set for what is no job: what it is
	// instead.
	Body    string `json:"body,omitempty"`
	Problem string `json:"problem,omitempty"`

	unclear error // why it is not known who is owed the job
}

// Action is what becomes of a message of the dead-letter queue.
type Action string

// The actions. The first two are done only when sending was asked for.
const (
	// Send queues a job for those who are still owed the frame, and removes
	// the old one.
	Send Action = "send"
	// Delete removes a job that nobody is owed any more.
	Delete Action = "delete"
	// Leave does nothing: this is no job, a person has to look at it. Or it
	// could not be found out who is owed it.
	Leave Action = "leave"
)

// Connection is a connection to which a frame was owed.
type Connection struct {
	ConnectionID string  `json:"connectionId"`
	UserID       string  `json:"userId"`
	Verdict      Verdict `json:"verdict"`
	// Why says it in words.
	Why string `json:"why"`

	owed realtime.Owed
}

// Verdict is what was found out about a connection.
type Verdict string

// The verdicts. All but the first skip the connection.
const (
	// Owed has not got the frame, as far as is known.
	Owed Verdict = "owed"
	// Gone is not connected any more.
	Gone Verdict = "gone"
	// Left is connected, and not in the room any more.
	Left Verdict = "left"
	// Recovered said that it has every message up to this one.
	Recovered Verdict = "recovered"
	// Acknowledged is of a user whose inbox does not hold the notification any
	// more.
	Acknowledged Verdict = "acknowledged"
)

// owed returns the connections that a frame is still owed to.
func (r Report) owed() []realtime.Owed {
	var owed []realtime.Owed
	for _, c := range r.Connections {
		if c.Verdict == Owed {
			owed = append(owed, c.owed)
		}
	}
	return owed
}

// Summary counts reports.
type Summary struct {
	// Jobs is how many messages there were, Sent how many of them were queued
	// again for Owed connections, Deleted how many nobody was owed, and
	// Unknown how many were no jobs. Unclear is of how many it could not be
	// found out who is owed them. Without sending it is what would be.
	Jobs, Sent, Owed, Deleted, Unknown, Unclear int
}

func (s *Summary) add(r Report) {
	s.Jobs++
	switch r.Action {
	case Send:
		s.Sent++
		s.Owed += len(r.owed())
	case Delete:
		s.Deleted++
	case Leave:
		if r.unclear != nil {
			s.Unclear++
		} else {
			s.Unknown++
		}
	}
}
