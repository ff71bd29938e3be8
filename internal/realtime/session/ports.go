package session

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// TokenExpiry is a note that the token of a connection expires, or that the
// connection is to be checked. It may be out of date: the connection may have another
// token by now, or be gone.
type TokenExpiry struct {
	ConnectionID string
	ExpiresAt    time.Time // in whole seconds
}

// Expiries keeps the token expiries of connections by minute.
type Expiries interface {
	// ListExpiries returns the token expiries in the minute of a time, in no order. Of each
	// connection it has the last one that was added for that minute.
	ListExpiries(ctx context.Context, minute time.Time) ([]TokenExpiry, error)

	// DropExpiry removes a token expiry. Removing what is not there is no error.
	DropExpiry(ctx context.Context, e TokenExpiry) error
}

// Renewals gives connections newer identities.
type Renewals interface {
	// AddExpiry adds a token expiry.
	AddExpiry(ctx context.Context, e TokenExpiry) error

	// Renew gives a connection the permissions and the token expiry of an identity,
	// which has one, whatever it had, and adds the token expiry. It returns the
	// connection as it is then, or members.ErrUnknownConnection if that user has no such
	// connection.
	Renew(ctx context.Context, connectionID string, id Identity) (members.Connection, error)
}

// Closer closes connections.
type Closer interface {
	// Close ends a connection and closes its socket: nil if it was there,
	// delivery.ErrGone if it was not. The errors are those of a post.
	Close(ctx context.Context, connectionID string) error
}
