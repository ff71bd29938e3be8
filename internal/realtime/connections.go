package realtime

import (
	"context"
	"errors"
	"time"
)

// ConnectionLifetime is how long what is stored about a connection counts,
// from when it was made. API Gateway ends every connection after two hours;
// five minutes more keep clocks that differ from ending it early.
const ConnectionLifetime = 2*time.Hour + 5*time.Minute

// ErrUnknownConnection says that nothing is stored about a connection, or not
// any more.
var ErrUnknownConnection = errors.New("unknown connection")

// Connection is an open connection.
type Connection struct {
	ID     string
	UserID string
	// IP is the address that the client connected from.
	IP          string
	ConnectedAt time.Time // in whole milliseconds
	ExpiresAt   time.Time // in whole seconds
	// Rooms are the rooms that the connection is in, in no order.
	Rooms []string
}

// Member is a connection as a room or a user lists it.
type Member struct {
	ConnectionID string
	UserID       string
	ConnectedAt  time.Time // in whole milliseconds
}

// Connections stores who is connected and who is in which room. Every read
// sees every write that returned before, and nothing that has expired.
type Connections interface {
	// Connect stores a connection, and its membership of each of its rooms.
	Connect(ctx context.Context, c Connection) error

	// Connection returns a connection, or ErrUnknownConnection.
	Connection(ctx context.Context, id string) (Connection, error)

	// Remove removes what is stored of a connection: itself, its mention
	// under its user, and its membership of each of c.Rooms. Removing what is
	// not there is no error.
	Remove(ctx context.Context, c Connection) error

	// Join makes a connection a member of a room, if it is not yet, or
	// returns ErrUnknownConnection.
	Join(ctx context.Context, connectionID, roomID string) error

	// Leave ends a connection's membership of a room. It is no error if there
	// is none, or no such connection.
	Leave(ctx context.Context, connectionID, roomID string) error

	// Members returns the members in one shard of a room, in no order: all
	// of them, or the first few when limit is above 0.
	Members(ctx context.Context, roomID string, shard, limit int) ([]Member, error)

	// OfUser returns the connections of a user, in no order.
	OfUser(ctx context.Context, userID string) ([]Member, error)
}
