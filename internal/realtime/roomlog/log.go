package roomlog

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// Head is the state of a room's log.
type Head struct {
	// Seq is the newest seq that was given out, 0 if there never was one.
	Seq int64
	// Epoch identifies the log, "" if there never was a message. A log that
	// starts again gets another epoch.
	Epoch string
	// Layout is how the room's membership is split. It is stored with the head so
	// that taking a seq also tells the sender the layout.
	shard.Layout
	// StartedAt is when the first seq was given out, in whole milliseconds.
	StartedAt time.Time
	// AdvancedAt is when the newest seq was given out, in whole milliseconds.
	AdvancedAt time.Time
	// ExpiresAt is when the head is deleted unless it is written again, in whole
	// seconds.
	ExpiresAt time.Time
	// Floor is a seq up to which no entry can appear any more: each of these seqs
	// has, or had until it expired, a message or a tombstone. 0 says nothing.
	Floor int64
}

// Entry is what is stored at one seq of a room's log: a message or a tombstone.
type Entry struct {
	RoomID string
	Seq    int64
	// ID is the message's. It is "" for a tombstone, which says that there is no
	// message at this seq and never will be.
	ID        string
	UserID    string
	Message   string
	Timestamp time.Time // in whole milliseconds
	ExpiresAt time.Time // in whole seconds
}

// Tombstone reports whether there is no message at this seq and never will be.
func (e Entry) Tombstone() bool { return e.ID == "" }

// Frame returns the frame of a message.
func (e Entry) Frame() protocol.Message {
	return protocol.Message{
		RoomID: e.RoomID, Seq: e.Seq, ID: e.ID, UserID: e.UserID,
		Message: e.Message, Timestamp: e.Timestamp.UnixMilli(),
	}
}

// Span is a part of a room's log.
type Span struct {
	// From and To are its first and its last seq.
	From, To int64
	// Limit is the maximum number of entries to read. It must be above 0.
	Limit int
	// Newest reads from the end: the last Limit entries.
	Newest bool
}

// Heads reads the state of rooms' logs.
type Heads interface {
	// Head returns the state of a room's log, the zero Head if the room has
	// none. It sees every write that returned before.
	Head(ctx context.Context, roomID string) (Head, error)
}

// Log stores the messages of rooms by seq. Every read sees every write that
// returned before.
type Log interface {
	Heads

	// Advance gives out the next seq of a room and returns the head, whose Seq it
	// is. The first call starts the log, with id as its epoch. After an error a
	// seq may have been given out to nobody. The head is kept until expiresAt or,
	// if that is later, as long as it was to be kept before. It counts for as long
	// as it is there.
	Advance(ctx context.Context, roomID, id string, at, expiresAt time.Time) (Head, error)

	// Raise sets the floor of a room's log, unless it is as high already or the
	// log has another epoch: then it does nothing.
	Raise(ctx context.Context, roomID, epoch string, floor int64) error

	// Put stores an entry at its seq unless one is there already, and returns the
	// one that is there then. The same entry may be put again. An entry that
	// expired a day ago belongs to a log that ended before this one, and is
	// replaced.
	Put(ctx context.Context, e Entry) (Entry, error)

	// Entries returns the entries of a span, in the order of seq. It leaves out
	// seqs without an entry, and entries that have expired. It returns less than
	// the limit only if there is no more in the span.
	Entries(ctx context.Context, roomID string, s Span) ([]Entry, error)
}
