package realtime

import (
	"context"
	"time"
)

// LogRetention is how long a message stays in its room's log.
const LogRetention = 7 * 24 * time.Hour

// Head is the state of a room's log.
type Head struct {
	// Seq is that of the newest message, 0 when there never was one.
	Seq int64
	// Epoch names the log, "" when there never was a message. A log that
	// starts anew gets another.
	Epoch string
	// Shards is the number of parts that the room's membership is split into,
	// 0 when there never was a message: it is in one part then.
	Shards int
}

// Entry is a message on its way into a room's log.
type Entry struct {
	RoomID    string
	ID        string
	UserID    string
	Message   string
	Timestamp time.Time // in whole milliseconds
	ExpiresAt time.Time // in whole seconds
}

// Log stores the messages of rooms, each room's in the order of their seq.
// Every read sees every write that returned before.
type Log interface {
	// Head returns the state of a room's log, the zero Head when the room has
	// none.
	Head(ctx context.Context, roomID string) (Head, error)

	// Append gives a message the next seq of its room, stores it, and returns
	// the head, whose Seq is the message's. The first message of a room
	// begins its log; the message's id becomes the epoch. After an error the
	// message is in the log or not, and its seq may be used up.
	Append(ctx context.Context, e Entry) (Head, error)
}
