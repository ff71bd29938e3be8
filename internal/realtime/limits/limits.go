package limits

import (
	"cmp"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Unlimited is the value of a field of [Limits] that lets through any number.
const Unlimited = -1

// Limits are the limits of a deployment. A field that is 0 has its default;
// [Unlimited] means no limit.
type Limits struct {
	// MessageRate is how many messages and notifications a user may send per
	// second, over all connections. A notification counts once for each user it
	// is for, and large ones count once more for each 4 KiB. Default: 10.
	MessageRate int
	// MessageBurst is how many of them a user may send at once, 2 or more. What
	// counts for more is accepted if the user has sent nothing for a while.
	// Default: 20.
	MessageBurst int
	// FrameRate and CursorRate are for the pipeline that answers frames, see
	// frames.Options. Nothing in this package counts frames.
	FrameRate, CursorRate int
	// CursorMembers is how many members a room may have in which cursors move.
	// Default: 500.
	CursorMembers int
	// CursorPosts is how many posts per second cursor moves may take, in all
	// rooms whose members are posted to directly. Default: 2000.
	CursorPosts int
	// ConnectionsPerIP is how many connections an address may have. All addresses
	// of an IPv6 /64 count as one. Default: 1000.
	ConnectionsPerIP int
	// ConnectionsPerUser is how many connections a user may have. Default: 100.
	ConnectionsPerUser int
	// RoomsPerConnection is how many rooms a connection may be in. Default: 100.
	RoomsPerConnection int
	// MembersPerRoom is how many members a room may have. Default: Unlimited.
	MembersPerRoom int
	// MaxMessageBytes is the maximum size of a message, or of the JSON of a
	// notification, in bytes. Default: that of package protocol, which no value
	// here can raise.
	MaxMessageBytes int
	// NotifyUsers is how many users a notification may name. Default: that of
	// package protocol, which no value here can raise.
	NotifyUsers int
}

// WithDefaults returns the limits with the default of each field that is 0.
func (l Limits) WithDefaults() Limits {
	return Limits{
		MessageRate: cmp.Or(l.MessageRate, 10), MessageBurst: cmp.Or(l.MessageBurst, 20),
		FrameRate: l.FrameRate, CursorRate: l.CursorRate,
		CursorMembers: cmp.Or(l.CursorMembers, 500), CursorPosts: cmp.Or(l.CursorPosts, 2000),
		ConnectionsPerIP: cmp.Or(l.ConnectionsPerIP, 1000), ConnectionsPerUser: cmp.Or(l.ConnectionsPerUser, 100),
		RoomsPerConnection: cmp.Or(l.RoomsPerConnection, 100), MembersPerRoom: cmp.Or(l.MembersPerRoom, Unlimited),
		MaxMessageBytes: cmp.Or(l.MaxMessageBytes, protocol.MaxMessage), NotifyUsers: cmp.Or(l.NotifyUsers, protocol.MaxUserIDs),
	}
}

// RoomNameBytes returns how many bytes the names of a connection's rooms may take
// together: 80 a room, for as many rooms as it may be in. The names are in the
// connection's row, which every join and leave writes, at a write unit per KB.
func (l Limits) RoomNameBytes() int {
	const perRoom, mostRooms = 80, 500
	if l.RoomsPerConnection <= 0 {
		return perRoom * mostRooms
	}
	return perRoom * l.RoomsPerConnection
}

// CheckBytes returns an error for the client if a field is too large.
func (l Limits) CheckBytes(field string, bytes int) error {
	if l.MaxMessageBytes > 0 && bytes > l.MaxMessageBytes {
		return protocol.Errorf(protocol.CodeMessageTooLarge, "%s: must be at most %d bytes here, got %d", field, l.MaxMessageBytes, bytes)
	}
	return nil
}

// CheckNotify returns an error for the client if a notification is too large or
// for too many users.
func (l Limits) CheckNotify(n protocol.Notify) error {
	if l.NotifyUsers > 0 && len(n.UserIDs) > l.NotifyUsers {
		return protocol.Errorf(protocol.CodeBadField, "userIds: must name at most %d users here, got %d", l.NotifyUsers, len(n.UserIDs))
	}
	return l.CheckBytes("notification", len(n.Notification))
}
