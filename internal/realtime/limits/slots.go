package limits

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// ErrQuotaFull is returned when every slot of a quota is taken.
var ErrQuotaFull = errors.New("every slot of the quota is taken")

// QuotaKey names a quota of connections: that of an address, a user or a room. A
// quota has as many slots as there may be connections, or members.
type QuotaKey string

// AddressQuota returns the quota of an address. All addresses of an IPv6 /64
// share one, because a single client may have all of them. An IPv4 address in the
// form of IPv6 is the IPv4 address. A text that is not an address has a quota of its
// own.
func AddressQuota(ip string) QuotaKey {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return QuotaKey("IP#" + ip)
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return QuotaKey("IP#" + addr.String())
	}
	const network = 64
	return QuotaKey("IP#" + netip.PrefixFrom(addr, network).Masked().String())
}

// UserQuota returns the quota of a user.
func UserQuota(userID string) QuotaKey { return QuotaKey("USER#" + userID) }

// RoomQuota returns the quota of a room.
func RoomQuota(roomID string) QuotaKey { return QuotaKey("ROOM#" + roomID) }

// Slot is a place for one connection in a quota.
type Slot struct {
	Quota QuotaKey
	// Number counts the slots of a quota from 0.
	Number int
}

// Slots hands out the slots of quotas, so that there are never more connections
// than slots. A connection holds its slot until it is released or expires.
type Slots interface {
	// Take gives a connection one of the first slots of a quota, as many as limit
	// says, until expiresAt, in whole seconds. It returns ErrQuotaFull if other
	// connections hold all of them. A connection that takes a slot again, at the same
	// time or because it does not know whether it has one, gets the same slot as long
	// as no other one was released meanwhile; a surplus slot expires.
	Take(ctx context.Context, quota QuotaKey, limit int, connectionID string, expiresAt time.Time) (Slot, error)

	// Release frees a slot if it is that connection's. It is no error if it is not.
	Release(ctx context.Context, slot Slot, connectionID string) error
}
