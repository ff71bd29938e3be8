// Package sends remembers what clients and services sent a few minutes ago, so
// that a message or notification that is sent twice is accepted once. A send is
// named by its sender's clientId (or key). The first copy claims the name, and
// every later copy gets what the first one was given.
package sends

import (
	"context"
	"errors"
	"time"
)

// Window is how long a clientId names the same send. A copy that arrives within
// it gets the answer of the first one.
const Window = 5 * time.Minute

// skew is how much longer a send is stored: a clock that is ahead must not end
// the window early.
const skew = time.Minute

var (
	// ErrUnknown is returned when a send is not stored, or not any more.
	ErrUnknown = errors.New("unknown send")
	// ErrMoved is returned when a send no longer has the seq that the caller
	// expected.
	ErrMoved = errors.New("the send was moved")
)

// Key names a send, so that its copies can be recognized.
type Key struct {
	UserID   string
	ClientID string
	// RoomID is the room of a message, "" for a notification.
	RoomID string
	// Service is set if a service of the stack sends in the user's name. Users
	// and services have separate names: no user can take a name that a service
	// is about to use.
	Service bool
}

// Send is what was decided about a send when its first copy arrived. All later
// copies are bound to it.
type Send struct {
	// ID and Timestamp are those of the message or notification.
	ID        string
	Timestamp time.Time // in whole milliseconds
	// Seq is where a message goes in its room's log. For a notification it is 0
	// until every inbox has it, and 1 from then on.
	Seq int64
	// Digest identifies the content of a notification. It is "" for a message,
	// which is compared with the one in the log.
	Digest    string
	ExpiresAt time.Time // in whole seconds
}

// New returns a send that is remembered for [Window] from now on.
func New(id string, timestamp time.Time, seq int64, now time.Time) Send {
	return Send{ID: id, Timestamp: timestamp, Seq: seq, ExpiresAt: now.Add(Window + skew).Truncate(time.Second)}
}

// Store keeps sends until they expire.
type Store interface {
	// Get returns a send, or ErrUnknown. It may miss one that was claimed a
	// moment ago.
	Get(ctx context.Context, key Key) (Send, error)

	// Claim stores a send unless one with that key is stored already, and returns
	// the one that is stored then. Of concurrent claims exactly one wins.
	Claim(ctx context.Context, key Key, s Send) (Send, error)

	// Move replaces a send if its Seq still is from, or returns ErrMoved.
	Move(ctx context.Context, key Key, from int64, s Send) error
}
