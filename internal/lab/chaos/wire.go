package chaos

import (
	"encoding/json"
	"net/http"
	"time"
)

// Connection is a WebSocket as the gateway saw it.
type Connection struct {
	ID string
	// Device is the device of the connection, User its user.
	Device, User   string
	Opened, Closed time.Time // Closed is zero while it is open
	// Stays are its memberships, by the answers that it got.
	Stays []Stay
	// Posts are the posts to it, in the order in which they ended.
	Posts []Post

	// Entered are the rooms that it asked to join.
	Entered []string

	// refreshed is when the client sent another token, zero once that is answered:
	// from then on the server may take it out of rooms.
	refreshed time.Time
	// joins are the joins, doubted says that POST and GET both answered that the
	// connection is gone.
	joins   map[join]*asked
	doubted bool
}

// join is a join by its room and clientId.
type join struct{ room, clientID string }

// asked is the state of a join: how many copies of it have no answer, and whether
// the client has asked to leave since.
type asked struct {
	open int
	left bool
}

// Stay is a connection's membership of a room.
type Stay struct {
	Room string
	// From is when the answer to the join came, To when the connection asked to
	// leave, or to join again, was closed, or was taken for gone with
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
	// Carried says that the connection was sent the frame. Answered is the status
	// that the function got, 0 if the call was cut off.
	Carried  bool
	Answered int
}

// Job is a job in a queue.
type Job struct {
	RoomID string `json:"roomId"`
	// Seq is that of the message, of the last one where the frame is a batch.
	Seq            int64       `json:"seq"`
	Shard          int         `json:"shard"`
	NotificationID string      `json:"notificationId"`
	Pending        []Recipient `json:"pending"`
	Cause          string      `json:"cause"`
	Frame          string      `json:"frame"`
}

// messages returns the seqs of the job's messages, none for a notification.
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

// pushed has the relevant fields of a posted frame.
type pushed struct {
	Type, RoomID, ID, UserID string
	Seq                      int64
}

// unpack returns the frames of a batch, or a frame by itself. It returns nil for
// text that is not a frame.
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

// Recipient is a connection that a job names.
type Recipient struct {
	ConnectionID string `json:"connectionId"`
	UserID       string `json:"userId"`
}

// neverFailed reports whether a message was posted to the connection and each post
// succeeded: then there is no reason to post it again. A failed post is a reason,
// also after one that succeeded, because a job comes back whole if its function is
// killed.
func (c *Connection) neverFailed(room string, seq int64) bool {
	tried := false
	for _, p := range c.Posts {
		if p.Room != room || p.Seq != seq {
			continue
		}
		if !p.Carried || p.Answered != http.StatusOK {
			return false
		}
		tried = true
	}
	return tried
}
