package realtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
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
	// ErrTooManyRooms says that a connection is in as many rooms as it may be.
	ErrTooManyRooms = errors.New("in as many rooms as there may be")
	// ErrRightsChanged says that a connection has other permissions than those
	// that were judged.
	ErrRightsChanged = errors.New("the connection has other permissions by now")
	// ErrLeftMeanwhile says that a connection was taken out of a room while it
	// joined it.
	ErrLeftMeanwhile = errors.New("the room was left meanwhile")
)

// Connection is an open connection.
type Connection struct {
	ID     string
	UserID string
	// IP is the address that the client connected from.
	IP          string
	ConnectedAt time.Time // in whole milliseconds
	ExpiresAt   time.Time // in whole seconds
	// Permissions are what it may do. The zero value permits nothing.
	Permissions permission.Permissions
	// EndsAt is when its token ends, in whole seconds; zero for never.
	EndsAt time.Time
	// Rooms are its memberships, one for a room, in no order.
	Rooms []Membership
	// Besides are memberships that may exist beside those, because the connection
	// is moving to another shard of a room, or has left one a moment ago.
	Besides []Membership
	// Seats are those that it holds, one of a holder, in no order.
	Seats []Seat
}

// in reports whether the connection is in a room.
func (c Connection) in(roomID string) bool {
	_, ok := c.membership(roomID)
	return ok
}

// membership returns the connection's membership of a room.
func (c Connection) membership(roomID string) (Membership, bool) {
	i := slices.IndexFunc(c.Rooms, func(m Membership) bool { return m.RoomID == roomID })
	if i < 0 {
		return Membership{}, false
	}
	return c.Rooms[i], true
}

// seat returns the connection's seat among those of a holder.
func (c Connection) seat(of Holder) (Seat, bool) {
	i := slices.IndexFunc(c.Seats, func(s Seat) bool { return s.Holder == of })
	if i < 0 {
		return Seat{}, false
	}
	return c.Seats[i], true
}

// Membership is the place of a connection in a room.
type Membership struct {
	RoomID string
	// Shard is the part of the room's membership that lists the connection,
	// from 0 on.
	Shard int
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

// Ending is a note that the token of a connection ends, or is to be looked at. It
// may be out of date: the connection may have another token by now, or be gone.
type Ending struct {
	ConnectionID string
	EndsAt       time.Time // in whole seconds
}

// Terms are what a connection joins a room on.
type Terms struct {
	// MaxRooms is how many rooms it may be in then, 0 for any number.
	MaxRooms int
	// Seat is the seat that it has in the room, the zero Seat for none.
	Seat Seat
	// Judged are the permissions by which it was decided that the connection may
	// join. nil stands for any.
	Judged *permission.Permissions
}

// Connections stores who is connected and who is in which room. Every read
// sees every write that returned before, and nothing that has expired.
type Connections interface {
	// Connect stores a connection, its membership of each of its rooms, and an
	// ending where EndsAt is not zero. What of the first two is there already stays
	// as it is: no two connections have one id.
	Connect(ctx context.Context, c Connection) error

	// Connection returns a connection, or ErrUnknownConnection.
	Connection(ctx context.Context, id string) (Connection, error)

	// Remove removes what is stored of a connection: itself, its mention
	// under its user, its membership of each of c.Rooms and c.Besides, the ending at c.EndsAt,
	// and its holding of each of c.Seats, which are free then. Removing what is
	// not there is no error.
	Remove(ctx context.Context, c Connection) error

	// Renew gives a connection the permissions and the end of an identity,
	// which has one, whatever it had, and notes the ending. It returns the
	// connection as it is then, or ErrUnknownConnection when there is none of
	// that user.
	Renew(ctx context.Context, connectionID string, id Identity) (Connection, error)

	// NoteEnding notes an ending.
	NoteEnding(ctx context.Context, e Ending) error

	// Endings returns the endings in the minute of a time, in no order. Of one
	// connection there is the last one that was noted for that minute.
	Endings(ctx context.Context, minute time.Time) ([]Ending, error)

	// DropEnding removes an ending. Removing what is not there is no error.
	DropEnding(ctx context.Context, e Ending) error

	// Join makes a connection a member of a room in a shard of it, with that
	// standing, or returns ErrUnknownConnection, ErrTooManyRooms, or
	// ErrRightsChanged when its permissions are not those that were judged. A
	// member's standing is replaced, and it keeps to any MaxRooms. One that was in
	// another shard of the room is in this one instead; at no time in between is it
	// in neither. The connection lists the seat from then on. ErrLeftMeanwhile says
	// that a Leave came in between.
	//
	// The connection lists every membership that it has: a Leave after the Join
	// finds it, and so does a Renew.
	Join(ctx context.Context, connectionID string, m Membership, st Standing, t Terms) error

	// Refresh replaces a member's Has and PresentUntil, or returns
	// ErrNotMember when it is not in that shard of the room.
	Refresh(ctx context.Context, connectionID string, m Membership, st Standing) error

	// Member returns one member of a room, or ErrNotMember when it is not in
	// that shard of it.
	Member(ctx context.Context, connectionID string, m Membership) (Member, error)

	// Leave ends a connection's membership of a room that it lists, or one in
	// shard 0 of a room that it does not list, and releases the seat that it lists
	// there. It is no error if there is none, or no such connection. What a Join
	// before it has still to store is not stored any more, whenever it comes.
	Leave(ctx context.Context, connectionID, roomID string) error

	// DropMember takes a connection out of one shard of a room, whatever it
	// lists. Dropping what is not there is no error.
	DropMember(ctx context.Context, connectionID string, m Membership) error

	// Members returns the members in one shard of a room, in no order: all
	// of them, or the first few when limit is above 0.
	Members(ctx context.Context, roomID string, shard, limit int) ([]Member, error)

	// Count returns how many members there are in one shard of a room.
	Count(ctx context.Context, roomID string, shard int) (int, error)

	// OfUser returns the connections of a user, in no order.
	OfUser(ctx context.Context, userID string) ([]Member, error)
}
