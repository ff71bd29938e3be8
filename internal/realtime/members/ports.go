package members

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// The stores below see every write that returned before, and nothing that has
// expired.

// Reader reads connections.
type Reader interface {
	// Connection returns a connection, or ErrUnknownConnection.
	Connection(ctx context.Context, id string) (Connection, error)
}

// Remover removes connections.
type Remover interface {
	// Remove removes what is stored of a connection: itself, its entry in its user's
	// list, its membership of each of c.Rooms and c.Leftovers, its token expiry at
	// c.TokenExpiresAt, and its hold of each of c.Slots, which are free then. Removing
	// what is not there is no error.
	Remove(ctx context.Context, c Connection) error
}

// Connections reads and removes connections.
type Connections interface {
	Reader
	Remover
}

// Admissions stores new connections.
type Admissions interface {
	Remover

	// Connect stores a connection, its membership of each of its rooms, and its token
	// expiry unless TokenExpiresAt is zero. Of the first two, what is there already
	// stays as it is: no two connections have the same id.
	Connect(ctx context.Context, c Connection) error
}

// JoinConditions are the conditions on which a connection joins a room.
type JoinConditions struct {
	// MaxRooms is how many rooms it may be in then, 0 for any number.
	MaxRooms int
	// Slot is the slot that it holds in the room's quota, the zero Slot for none.
	Slot limits.Slot
	// Permissions are those that the join was checked against. nil stands for any.
	Permissions *permission.Permissions
}

// Joins adds connections to rooms.
type Joins interface {
	Leaves

	// Join makes a connection a member of a shard of a room with a status, or returns
	// ErrUnknownConnection, ErrTooManyRooms, or ErrPermissionsChanged if it does not
	// have the permissions of the conditions. If it is a member already, Join replaces
	// its status, and any MaxRooms is kept. A connection that was in another shard of
	// the room is in this one instead, and at no time in neither. From then on the
	// connection lists the slot. ErrLeftMeanwhile says that a Leave came in between.
	//
	// The connection lists every membership that it has: a Leave after the Join finds
	// it, and so does a session renewal.
	Join(ctx context.Context, connectionID string, m Membership, status Status, cond JoinConditions) error
}

// Leaves removes connections from rooms.
type Leaves interface {
	// Leave ends a connection's membership of a room that it lists, or one in shard 0
	// of a room that it does not list, and releases the slot that it lists there. It is
	// no error if it is not a member, or there is no such connection. Whatever an earlier Join still
	// has to store is no longer stored, whenever it comes.
	Leave(ctx context.Context, connectionID, roomID string) error
}

// Strays finds and removes members that their connection does not list.
type Strays interface {
	Leaves
	Lookups

	// DropMember removes a connection from one shard of a room, whatever it lists.
	// Dropping what is not there is no error.
	DropMember(ctx context.Context, connectionID string, m Membership) error
}

// Lookups reads single members.
type Lookups interface {
	// Member returns one member of a room, or ErrNotMember if it is not in that shard
	// of it.
	Member(ctx context.Context, connectionID string, m Membership) (Member, error)
}

// Statuses keeps the status of members.
type Statuses interface {
	// SetStatus replaces a member's AckedSeq and PresentUntil, or returns ErrNotMember
	// if it is not in that shard of the room.
	SetStatus(ctx context.Context, connectionID string, m Membership, status Status) error
}

// Lists reads the members of rooms.
type Lists interface {
	// Members returns the members in one shard of a room, in no order: all of them, or
	// the first few if limit is above 0.
	Members(ctx context.Context, roomID string, shard, limit int) ([]Member, error)
}

// Counts counts the members of rooms.
type Counts interface {
	// Count returns the number of members in one shard of a room.
	Count(ctx context.Context, roomID string, shard int) (int, error)
}

// Users reads the connections of users.
type Users interface {
	// OfUser returns the connections of a user, in no order.
	OfUser(ctx context.Context, userID string) ([]Member, error)
}

// Layouts changes how rooms are split into shards.
type Layouts interface {
	// Resize replaces the layout of a room, whether or not it has a log. The new
	// layout's Version must follow that of the one it replaces. If another change came
	// first, Resize does nothing and returns shard.ErrResized. The head is kept until
	// expiresAt at least.
	Resize(ctx context.Context, roomID string, to shard.Layout, expiresAt time.Time) error
}
