package realtime

import (
	"cmp"

	"github.com/roomcast/roomcast/internal/protocol"
)

// NoLimit is the value of one of [Limits] that lets through any number.
const NoLimit = -1

// Limits are how much of something there may be. A field that is 0 has its
// default; [NoLimit] is none.
type Limits struct {
	// MessageRate is how many messages and notifications a user may send in a
	// second, over all connections. A notification counts once for each user
	// that it is for, and what is large counts once more for each 4 KiB.
	// Default: 10.
	MessageRate int
	// MessageBurst is how many of them a user may send at once, 2 or more. What
	// counts for more is taken when nothing is outstanding. Default: 20.
	MessageBurst int
	// FrameRate and CursorRate are for the pipeline that answers frames, see
	// [frames.Options]. The service does not count frames.
	FrameRate, CursorRate int
	// CursorMembers is how many members a room may have in which cursors move.
	// Default: 500.
	CursorMembers int
	// CursorPosts is how many posts in a second the moves of cursors take in all
	// rooms that are posted to at once. Default: 2000.
	CursorPosts int
	// ConnectionsPerIP is how many connections there may be from an address,
	// of IPv6 from a /64. Default: 1000.
	ConnectionsPerIP int
	// ConnectionsPerUser is how many connections a user may have. Default: 100.
	ConnectionsPerUser int
	// RoomsPerConnection is how many rooms a connection may be in. Default: 100.
	RoomsPerConnection int
	// MembersPerRoom is how many members a room may have. Default: NoLimit.
	MembersPerRoom int
	// MaxMessageBytes is the most bytes of a message, or of the JSON of a
	// notification. Default: those of package protocol, which no number here
	// can raise.
	MaxMessageBytes int
	// NotifyUsers is how many users a notification may name. Default: those of
	// package protocol, which no number here can raise.
	NotifyUsers int
}

func (l Limits) withDefaults() Limits {
	return Limits{
		MessageRate: cmp.Or(l.MessageRate, 10), MessageBurst: cmp.Or(l.MessageBurst, 20),
		FrameRate: l.FrameRate, CursorRate: l.CursorRate,
		CursorMembers: cmp.Or(l.CursorMembers, 500), CursorPosts: cmp.Or(l.CursorPosts, 2000),
		ConnectionsPerIP: cmp.Or(l.ConnectionsPerIP, 1000), ConnectionsPerUser: cmp.Or(l.ConnectionsPerUser, 100),
		RoomsPerConnection: cmp.Or(l.RoomsPerConnection, 100), MembersPerRoom: cmp.Or(l.MembersPerRoom, NoLimit),
		MaxMessageBytes: cmp.Or(l.MaxMessageBytes, protocol.MaxMessage), NotifyUsers: cmp.Or(l.NotifyUsers, protocol.MaxUserIDs),
	}
}

// roomBytes returns how many bytes the names of a connection's rooms may take
// together: 80 a room, of as many rooms as it may be in. They lie in the
// connection's row, which every join and leave writes, at a unit for each KB.
func (l Limits) roomBytes() int {
	const perRoom, mostRooms = 80, 500
	if l.RoomsPerConnection <= 0 {
		return perRoom * mostRooms
	}
	return perRoom * l.RoomsPerConnection
}

// checkBytes refuses a field that is too large.
func (l Limits) checkBytes(field string, bytes int) error {
	if l.MaxMessageBytes > 0 && bytes > l.MaxMessageBytes {
		return protocol.Errorf(protocol.CodeMessageTooLarge, "%s: must be at most %d bytes here, got %d", field, l.MaxMessageBytes, bytes)
	}
	return nil
}

// checkNotify refuses a notification that is too large or for too many users.
func (l Limits) checkNotify(n protocol.Notify) error {
	if l.NotifyUsers > 0 && len(n.UserIDs) > l.NotifyUsers {
		return protocol.Errorf(protocol.CodeBadField, "userIds: must name at most %d users here, got %d", l.NotifyUsers, len(n.UserIDs))
	}
	return l.checkBytes("notification", len(n.Notification))
}
