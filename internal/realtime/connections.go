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

var (
	// ErrUnknownConnection says that nothing is stored about a connection, or
	// not any more.
	ErrUnknownConnection = errors.New("unknown connection")
	// ErrNotMember says that a connection is not a member of a room.
	ErrNotMember = errors.New("not a member")
)

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
	// Standing is a room's, and zero in a user's list.
	Standing
}

// Standing is what a room knows of one of its members beside who it is.
type Standing struct {
	// Established says that the member sent a frame to join, so that its
	// connection is open for sure. One that named the room as it connected
	// may still be on its way.
	Established bool
	// Has is the seq up to which the member said that it has every message,
	// 0 when it said nothing.
	Has int64
	// PresentUntil is when the member counts as absent unless it is heard of,
	// in whole seconds; zero for one that promised no heartbeat.
	PresentUntil time.Time
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

	// Join makes a connection a member of a room, with that standing, or
	// returns ErrUnknownConnection. A member's standing is replaced.
	Join(ctx context.Context, connectionID, roomID string, st Standing) error

	// Refresh replaces a member's Has and PresentUntil, or returns
	// ErrNotMember.
	Refresh(ctx context.Context, connectionID, roomID string, st Standing) error

	// Member returns one member of a room, or ErrNotMember.
	Member(ctx context.Context, connectionID, roomID string) (Member, error)

	// Leave ends a connection's membership of a room. It is no error if there
	// is none, or no such connection.
	Leave(ctx context.Context, connectionID, roomID string) error

	// Members returns the members in one shard of a room, in no order: all
	// of them, or the first few when limit is above 0.
	Members(ctx context.Context, roomID string, shard, limit int) ([]Member, error)

	// OfUser returns the connections of a user, in no order.
	OfUser(ctx context.Context, userID string) ([]Member, error)
}
