package realtime

import (
	"context"
	"time"
)

// Head is the state of a room's log.
type Head struct {
	// Seq is the newest that was given away, 0 when there never was one.
	Seq int64
	// Epoch names the log, "" when there never was a message. A log that
	// starts anew gets another.
	Epoch string
	// Layout is how the room's membership is split.
	Layout
	// StartedAt is when the first seq was given away, in whole milliseconds.
	StartedAt time.Time
	// AdvancedAt is when the newest was, in whole milliseconds.
	AdvancedAt time.Time
	// ExpiresAt is when the head is deleted unless it is written again, in whole
	// seconds.
	ExpiresAt time.Time
	// Floor is a seq up to which no entry can appear any more: each of these seqs
	// has, or had until it expired, a message or a void. 0 says nothing.
	Floor int64
}

// Entry is what lies at one seq of a room's log: a message, or nothing.
type Entry struct {
	RoomID string
	Seq    int64
	// ID is the message's, "" for a void: a seq at which there is no message
	// and never will be.
	ID        string
	UserID    string
	Message   string
	Timestamp time.Time // in whole milliseconds
	ExpiresAt time.Time // in whole seconds
}

// Void reports whether there is no message and never will be.
func (e Entry) Void() bool { return e.ID == "" }

// Span is a part of a room's log.
type Span struct {
	// From and To are the first and the last seq of it.
	From, To int64
	// Limit is the most entries to read. It has to be above 0.
	Limit int
	// Newest reads from the end: the last Limit entries.
	Newest bool
}

// Log stores the messages of rooms by seq. Every read sees every write that
// returned before.
type Log interface {
	// Head returns the state of a room's log, the zero Head when the room has
	// none.
	Head(ctx context.Context, roomID string) (Head, error)

	// Advance gives away the next seq of a room and returns the head, whose
	// Seq it is. The first begins the log, with id as its epoch. After an
	// error a seq may have been given away to nobody. The head is kept until
	// expiresAt at least, or as long as it was to be kept before; it counts for as
	// long as it is there.
	Advance(ctx context.Context, roomID, id string, at, expiresAt time.Time) (Head, error)

	// Resize replaces the layout of a room, whether or not it has a log. The
	// new one's Version has to follow that of the one it replaces; if another
	// one came first, nothing is done and the error is ErrResized. The head is kept
	// until expiresAt at least.
	Resize(ctx context.Context, roomID string, to Layout, expiresAt time.Time) error

	// Raise sets the floor of a room's log, unless it is as high already or the
	// log is not the one of that epoch: then it does nothing.
	Raise(ctx context.Context, roomID, epoch string, floor int64) error

	// Put stores an entry at its seq unless one is there already, and returns
	// the one that is there then. The same entry may be put again. An entry that
	// expired a day ago is of a log that ended before this one, and is replaced.
	Put(ctx context.Context, e Entry) (Entry, error)

	// Entries returns what is in a span, in the order of seq. Seqs without an
	// entry, and entries that have expired, are left out. It returns less
	// than the limit only when there is no more in the span.
	Entries(ctx context.Context, roomID string, s Span) ([]Entry, error)
}

// headSpare is how long a room's head is kept beyond its messages: until nobody is
// in the room any more whose shard only the head knows, and until nearly all of
// the log is deleted. What is left is replaced, see [Log.Put].
const headSpare = 7 * 24 * time.Hour

// headExpiry returns until when a head is kept that is written now. In whole hours,
// so that functions whose clocks differ hardly ever ask for an earlier time than the
// one before, which takes a write more, see [Log.Advance].
func (s *Service) headExpiry() time.Time {
	return s.now().Add(s.retention.Age + headSpare).Truncate(time.Hour)
}

// headAges reports whether a head was not written for a day. A room in which
// people come and go, but nobody writes, would lose its layout in the end.
func (s *Service) headAges(h Head) bool {
	return h.ExpiresAt.Before(s.headExpiry().Add(-24 * time.Hour))
}

// Retention says how much of a room's log is kept: what is older, or further
// back, cannot be recovered or read any more.
type Retention struct {
	// Age is how long a message is kept. It is deleted some time after.
	Age time.Duration
	// Count is how many of the newest messages are.
	Count int64
}

// DefaultRetention is a week, and as many messages as are recovered fast.
var DefaultRetention = Retention{Age: 7 * 24 * time.Hour, Count: 1000}
