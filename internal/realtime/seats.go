package realtime

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// ErrNoSeat says that a holder has no seat that is free.
var ErrNoSeat = errors.New("no seat is free")

// Holder is who has seats for connections: an address, a user or a room. It
// has as many as it may have connections, or members.
type Holder string

// HolderOfIP returns the holder of the seats of an address. All addresses of
// an IPv6 /64 are one, because a single client may have all of them, and an
// IPv4 address in the form of IPv6 is the IPv4 address. What is no address
// counts as one by its text.
func HolderOfIP(ip string) Holder {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return Holder("IP#" + ip)
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return Holder("IP#" + addr.String())
	}
	const network = 64
	return Holder("IP#" + netip.PrefixFrom(addr, network).Masked().String())
}

// HolderOfUser returns the holder of the seats of a user.
func HolderOfUser(userID string) Holder { return Holder("USER#" + userID) }

// HolderOfRoom returns the holder of the seats of a room.
func HolderOfRoom(roomID string) Holder { return Holder("ROOM#" + roomID) }

// Seat is a place for one connection among those of a holder.
type Seat struct {
	Holder Holder
	// Slot is its number, from 0 on.
	Slot int
}

// Seats gives connections seats, so that there are never more of them than
// seats. Who has one holds it until it is released or expires.
type Seats interface {
	// Take gives a connection one of the first seats of a holder, as many as
	// limit says, until expiresAt, in whole seconds. It returns ErrNoSeat when
	// others have all of them. Who takes a seat again, at the same time or
	// because it does not know whether it has one, gets the same as long as no
	// other one was released meanwhile; one that is too many expires.
	Take(ctx context.Context, of Holder, limit int, connectionID string, expiresAt time.Time) (Seat, error)

	// Release gives a seat back if it is that connection's. It is no error if
	// it is not.
	Release(ctx context.Context, seat Seat, connectionID string) error
}
