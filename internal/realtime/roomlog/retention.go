package roomlog

import (
	"cmp"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Retention says how much of a room's log is kept. What is older, or further
// back, can no longer be recovered or read.
type Retention struct {
	// Age is how long a message is kept. It is deleted some time after. Default:
	// a week.
	Age time.Duration
	// Count is how many of the newest messages are kept. Default: 1,000, which
	// are recovered fast.
	Count int64
}

// DefaultRetention is a week, and as many messages as are recovered fast.
var DefaultRetention = Retention{Age: 7 * 24 * time.Hour, Count: 1000}

// WithDefaults returns the retention with the default of each field that is 0.
func (r Retention) WithDefaults() Retention {
	return Retention{Age: cmp.Or(r.Age, DefaultRetention.Age), Count: cmp.Or(r.Count, DefaultRetention.Count)}
}

// headSpare is how much longer a room's head is kept than its messages: until
// the room has no member left whose shard only the head knows, and until nearly
// all of the log is deleted. What is left is replaced, see [Log.Put].
const headSpare = 7 * 24 * time.Hour

// HeadExpiry returns until when a head is kept that is written now. It is in
// whole hours, so that functions whose clocks differ hardly ever ask for an
// earlier time than the one before, which takes another write, see [Log.Advance].
func (r Retention) HeadExpiry(now time.Time) time.Time {
	return now.Add(r.Age + headSpare).Truncate(time.Hour)
}

// expiry returns when an entry with a timestamp expires.
func (r Retention) expiry(timestamp time.Time) time.Time {
	return timestamp.Add(r.Age).Truncate(time.Second)
}

// keeps reports whether an entry that was made at a time is kept for sure. The
// margin is for clocks that differ, and for the messages of copies: they carry
// the time of the first copy, and lie among later ones.
func (r Retention) keeps(at, now time.Time) bool {
	const margin = sends.Window + 2*time.Minute
	return now.Sub(at) < r.Age-margin
}

// tombstone returns the entry that says that there is no message at a seq. It
// expires with the messages around it, whenever it is put: see [Reader.Recover].
func (r Retention) tombstone(roomID string, seq int64, taken time.Time) Entry {
	return Entry{RoomID: roomID, Seq: seq, Timestamp: taken, ExpiresAt: r.expiry(taken)}
}
