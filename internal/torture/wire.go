package torture

import (
	"encoding/json"
	"time"

	"github.com/oklog/ulid/v2"
)

// Connection is a WebSocket as the gateway saw it.
type Connection struct {
	ID string
	// Device is the device that it belongs to.
	Device         string
	Opened, Closed time.Time // Closed is zero while it is open
	// Stays are its memberships, as it was told of them.
	Stays []Stay
	// Posts are what was posted to it, in the order in which that ended.
	Posts []Post

	// joins are the joins that were asked for, doubted says that the connection
	// was said to be gone, on POST and on GET.
	joins   map[join]*asked
	doubted bool
}

// join is a join by its room and the clientId by which its answer is known.
type join struct{ room, clientID string }

// asked is what became of a join: how many copies of it have no answer, and
// whether the client has asked to leave since.
type asked struct {
	open int
	left bool
}

// Stay is a connection's membership of a room.
type Stay struct {
	Room string
	// From is when the connection was told that it had joined, To when it
	// asked to leave, or to join again, was closed, or was taken for gone with
	// good reason. A member who joins again may go to another shard of the room
	// between two that a message is brought to; the answer to the join has it.
	From, To time.Time // To is zero while it lasts
}

// Post is a message or a notification that was posted to a connection, alone
// or in a batch.
type Post struct {
	At time.Time
	// By is the function that posted.
	By             string
	Room           string
	Seq            int64
	NotificationID string
	// Carried says that the connection was sent it, Answered what whoever
	// posted was told; 0 when it was cut off.
	Carried  bool
	Answered int
}

// Job is a queued delivery, as it lies in a queue.
type Job struct {
	RoomID string `json:"roomId"`
	// Seq is that of the message, of the last one where the frame is a batch.
	Seq            int64  `json:"seq"`
	Shard          int    `json:"shard"`
	NotificationID string `json:"notificationId"`
	Owed           []Owed `json:"owed"`
	Cause          string `json:"cause"`
	Attempt        string `json:"attempt"`
	Frame          string `json:"frame"`
}

// messages are the seqs of those that the job is about, none for a notification.
func (j Job) messages() []int64 {
	if j.NotificationID != "" {
		return nil
	}
	seqs := []int64{j.Seq}
	for _, f := range unpack([]byte(j.Frame)) {
		if f.Type == "message" && f.Seq != j.Seq {
			seqs = append(seqs, f.Seq)
		}
	}
	return seqs
}

// pushed is what counts of a frame that is posted.
type pushed struct {
	Type, RoomID, ID string
	Seq              int64
}

// unpack returns the frames of a batch, or the one that a frame is by itself;
// nothing of what is no frame.
func unpack(frame []byte) []pushed {
	var one struct {
		pushed
		Frames []pushed
	}
	if json.Unmarshal(frame, &one) != nil {
		return nil
	}
	if one.Type == "batch" {
		return one.Frames
	}
	return []pushed{one.pushed}
}

// queuedAt is when the job was made, which its Attempt tells.
func (j Job) queuedAt() time.Time {
	id, err := ulid.Parse(j.Attempt)
	if err != nil {
		return time.Time{}
	}
	return id.Timestamp()
}

// Owed is a connection that a job names.
type Owed struct {
	ConnectionID string `json:"connectionId"`
	UserID       string `json:"userId"`
}

// toldBefore says whether a message was posted to the connection before a time,
// and answered as carried out, and no later post of it failed. A job that is
// carried out a second time, because whoever did it first was ended, may fail
// for somebody who has the message by then.
func (c *Connection) toldBefore(room string, seq int64, at time.Time) bool {
	told := false
	for _, p := range c.Posts {
		if p.Room == room && p.Seq == seq && p.At.Before(at) {
			told = p.Carried && p.Answered == 200
		}
	}
	return told
}
