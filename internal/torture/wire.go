package torture

import (
	"slices"
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

	// joins are the joins that were asked for since the last leave, doubted
	// says that the connection was said to be gone, on POST and on GET.
	joins   map[join]bool
	doubted bool
}

// join is a join by its room and the clientId by which its answer is known.
type join struct{ room, clientID string }

// Stay is a connection's membership of a room.
type Stay struct {
	Room string
	// From is when the connection was told that it had joined, To when it
	// asked to leave, was closed, or was taken for gone with good reason.
	From, To time.Time // To is zero while it lasts
}

// Post is a message or a notification that was posted to a connection.
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
	RoomID         string `json:"roomId"`
	Seq            int64  `json:"seq"`
	Shard          int    `json:"shard"`
	NotificationID string `json:"notificationId"`
	Owed           []Owed `json:"owed"`
	Cause          string `json:"cause"`
	Attempt        string `json:"attempt"`
	Frame          string `json:"frame"`
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

// member says whether the connection was in a room at a time.
func (c *Connection) member(room string, at time.Time) bool {
	for _, s := range c.Stays {
		if s.Room == room && s.From.Before(at) && (s.To.IsZero() || s.To.After(at)) {
			return true
		}
	}
	return false
}

// toldBefore says whether a message was posted to the connection before a time,
// and answered as carried out.
func (c *Connection) toldBefore(room string, seq int64, at time.Time) bool {
	return slices.ContainsFunc(c.Posts, func(p Post) bool {
		return p.Room == room && p.Seq == seq && p.At.Before(at) && p.Carried && p.Answered == 200
	})
}
