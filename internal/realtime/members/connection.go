package members

import (
	"errors"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
)

const (
	// ConnectionLifetime is how long what is stored about a connection counts,
	// from when it was made. API Gateway ends every connection after two hours;
	// five minutes more keep clocks that differ from ending it early.
	ConnectionLifetime = 2*time.Hour + 5*time.Minute

	// HandshakeTime is how long the handshake of a connection may take. API Gateway
	// answers 410 for the connection until the function behind $connect has
	// returned, which it must within 29 seconds. A younger connection that has not
	// sent a frame yet is not considered gone.
	HandshakeTime = 30 * time.Second
)

var (
	// ErrUnknownConnection is returned when nothing is stored about a connection,
	// or not any more.
	ErrUnknownConnection = errors.New("unknown connection")
	// ErrNotMember is returned when a connection is not a member of a room.
	ErrNotMember = errors.New("not a member")
	// ErrTooManyRooms is returned when a connection is in as many rooms as it may be.
	ErrTooManyRooms = errors.New("in as many rooms as there may be")
	// ErrPermissionsChanged is returned when a connection no longer has the
	// permissions that its join was checked against.
	ErrPermissionsChanged = errors.New("the connection has other permissions now")
	// ErrLeftMeanwhile is returned when a connection was removed from a room while
	// it joined it.
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
	// TokenExpiresAt is in whole seconds; zero for never.
	TokenExpiresAt time.Time
	// Rooms are its memberships, one per room, in no order.
	Rooms []Membership
	// Leftovers are memberships that may exist besides those, because the
	// connection is moving to another shard of a room, or has just left one.
	Leftovers []Membership
	// Slots are those that it holds, one per quota, in no order.
	Slots []limits.Slot
}

// In reports whether the connection is in a room.
func (c Connection) In(roomID string) bool {
	_, ok := c.Membership(roomID)
	return ok
}

// Membership returns the connection's membership of a room.
func (c Connection) Membership(roomID string) (Membership, bool) {
	i := slices.IndexFunc(c.Rooms, func(m Membership) bool { return m.RoomID == roomID })
	if i < 0 {
		return Membership{}, false
	}
	return c.Rooms[i], true
}

// Slot returns the slot that the connection holds in a quota.
func (c Connection) Slot(quota limits.QuotaKey) (limits.Slot, bool) {
	i := slices.IndexFunc(c.Slots, func(s limits.Slot) bool { return s.Quota == quota })
	if i < 0 {
		return limits.Slot{}, false
	}
	return c.Slots[i], true
}

// Holder returns the connection as a holder of slots.
func (c Connection) Holder() limits.Holder {
	return limits.Holder{ConnectionID: c.ID, IP: c.IP, UserID: c.UserID, ExpiresAt: c.ExpiresAt}
}

// Membership is the place of a connection in a room.
type Membership struct {
	RoomID string
	// Shard is the shard of the room that lists the connection, from 0.
	Shard int
}

// Member is a connection in the list of a room or a user.
type Member struct {
	ConnectionID string
	UserID       string
	ConnectedAt  time.Time // in whole milliseconds
	// Status is that in the room. It is zero in a user's list.
	Status
}

// Status is what a room knows of one of its members besides its identity.
type Status struct {
	// Established is set if the member sent a frame to join, so that its connection
	// is open for sure. A connection that named the room in its handshake may not
	// be open yet.
	Established bool
	// AckedSeq is the seq up to which the member said that it has every message, 0
	// if it said nothing.
	AckedSeq int64
	// PresentUntil is when the member counts as absent unless it sends a heartbeat,
	// in whole seconds. It is zero for a member that promised none.
	PresentUntil time.Time
}
