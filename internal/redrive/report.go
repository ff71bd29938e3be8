package redrive

import (
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Report describes a message of the dead-letter queue and what happens to it.
// Its JSON is one of the versioned contracts.
type Report struct {
	// MessageID is SQS's.
	MessageID string `json:"messageId"`
	// RoomID, Seq and Shard are those of a message to a room, NotificationID that
	// of a notification. FirstSeq is set if the frame has several messages: Seq is
	// then that of the last one.
	RoomID         string `json:"roomId,omitempty"`
	FirstSeq       int64  `json:"firstSeq,omitempty"`
	Seq            int64  `json:"seq,omitempty"`
	Shard          int    `json:"shard,omitempty"`
	NotificationID string `json:"notificationId,omitempty"`
	// Cause is the outcome of the last post to one of the connections.
	Cause string `json:"cause,omitempty"`
	// Receives is how often it was received, including by this package.
	Receives int `json:"receives"`
	// AgeSeconds is how long it has been in the dead-letter queue.
	AgeSeconds int64 `json:"ageSeconds"`
	// Action is what was done about it, or would be.
	Action Action `json:"action"`
	// Connections lists the connections that the job was for.
	Connections []Connection `json:"connections"`
	// Problem says why it is left. Body is the text of a message that is not a
	// job.
	Body    string `json:"body,omitempty"`
	Problem string `json:"problem,omitempty"`

	unclear error // why the recipients are not known
}

// Action is what happens to a message of the dead-letter queue.
type Action string

// The actions. The first two are done only when sending was asked for.
const (
	// Send queues a job for the pending recipients, and removes the old one.
	Send Action = "send"
	// Delete removes a job without pending recipients.
	Delete Action = "delete"
	// Leave does nothing: the message is not a job, so a person has to look at
	// it, or the recipients could not be determined.
	Leave Action = "leave"
)

// Connection is a connection that a job was for.
type Connection struct {
	ConnectionID string  `json:"connectionId"`
	UserID       string  `json:"userId"`
	Verdict      Verdict `json:"verdict"`
	// Why explains the verdict.
	Why string `json:"why"`

	recipient delivery.Pending
}

// Verdict is the result of looking up a connection.
type Verdict string

// The verdicts. All but the first skip the connection.
const (
	// Pending has not received the frame, as far as is known.
	Pending Verdict = "pending"
	// Gone is no longer connected.
	Gone Verdict = "gone"
	// Left is connected but no longer in the room.
	Left Verdict = "left"
	// Recovered has reported that it has every message up to this one.
	Recovered Verdict = "recovered"
	// Acknowledged belongs to a user whose inbox no longer has the notification.
	Acknowledged Verdict = "acknowledged"
)

// pending returns the connections that still have to get the frame.
func (r Report) pending() []delivery.Pending {
	var pending []delivery.Pending
	for _, c := range r.Connections {
		if c.Verdict == Pending {
			pending = append(pending, c.recipient)
		}
	}
	return pending
}

// Summary counts reports.
type Summary struct {
	// Jobs is the number of messages. Sent of them were queued again, for Pending
	// connections; Deleted had no pending recipients; Unknown were not jobs; the
	// recipients of Unclear could not be determined. Without Send these are the
	// numbers that sending would give.
	Jobs, Sent, Pending, Deleted, Unknown, Unclear int
}

func (s *Summary) add(r Report) {
	s.Jobs++
	switch r.Action {
	case Send:
		s.Sent++
		s.Pending += len(r.pending())
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
