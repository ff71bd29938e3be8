package realtime

import (
	"context"
	"errors"
	"time"
)

// SendWindow is how long a clientId names the same send: a copy that comes
// within it gets the answer of the first.
const SendWindow = 5 * time.Minute

var (
	// ErrUnknownSend says that nothing is known of a send, or not any more.
	ErrUnknownSend = errors.New("unknown send")
	// ErrMoved says that a send is not where the caller believed it to be.
	ErrMoved = errors.New("the send was moved")
)

// SendKey names a send, so that its copies are known.
type SendKey struct {
	UserID   string
	ClientID string
	// RoomID is the room that a message is sent to, "" for a notification.
	RoomID string
	// Service says that a service of the stack sends in the user's name. The
	// names that users and services give their sends are apart: no user can
	// take one that a service is going to give.
	Service bool
}

// Send is what was decided about a send when it first came. Its copies are
// bound to it.
type Send struct {
	// ID and Timestamp are those of the message or the notification.
	ID        string
	Timestamp time.Time // in whole milliseconds
	// Seq is where in its room's log a message goes. For a notification it is
	// 0 until it lies in every inbox, and 1 from then on.
	Seq int64
	// Digest tells a notification from another one, "" for a message: that is
	// compared with the one in the log.
	Digest    string
	ExpiresAt time.Time // in whole seconds
}

// Sends remembers sends for a while, so that what is sent twice is taken once.
type Sends interface {
	// Send returns what is known of a send, or ErrUnknownSend. It may miss one
	// that was claimed just before.
	Send(ctx context.Context, key SendKey) (Send, error)

	// Claim remembers a send unless it is known already, and returns what is
	// remembered then. Of any number at the same time one is remembered.
	Claim(ctx context.Context, key SendKey, s Send) (Send, error)

	// Move replaces what is known of a send if its Seq still is from, or
	// returns ErrMoved.
	Move(ctx context.Context, key SendKey, from int64, s Send) error
}
