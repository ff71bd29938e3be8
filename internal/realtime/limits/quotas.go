package limits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
)

const (
	// fullAge is how long a full quota is remembered, so that a storm of clients is
	// refused without a read.
	fullAge = time.Second
	// maxFull limits the full quotas that are remembered.
	maxFull = 10_000
)

// Quotas gives connections the slots that they need.
type Quotas struct {
	slots  Slots
	limits Limits
	env    base.Env
	full   *cache.Cache[QuotaKey, struct{}]
}

// NewQuotas returns quotas on slots.
func NewQuotas(slots Slots, l Limits, env base.Env) *Quotas {
	return &Quotas{slots: slots, limits: l.WithDefaults(), env: env.WithDefaults(), full: cache.New[QuotaKey, struct{}](maxFull)}
}

// Holder is a connection that needs slots until it expires.
type Holder struct {
	ConnectionID string
	IP, UserID   string
	ExpiresAt    time.Time
}

// need is a slot that a connection needs.
type need struct {
	quota QuotaKey
	limit int
	// refusal tells the client what there is no more of.
	refusal string
}

// needs returns the slots that a connection needs that is about to be made, with
// one in a room if it names one.
func (q *Quotas) needs(h Holder, roomID string) []need {
	all := []need{
		{AddressQuota(h.IP), q.limits.ConnectionsPerIP, "this address has %d connections, the maximum: close one"},
		{UserQuota(h.UserID), q.limits.ConnectionsPerUser, "you have %d connections, the maximum: close one"},
	}
	if roomID != "" {
		all = append(all, q.room(roomID))
	}
	var limited []need
	for _, n := range all {
		if n.limit > 0 {
			limited = append(limited, n)
		}
	}
	return limited
}

func (q *Quotas) room(roomID string) need {
	return need{RoomQuota(roomID), q.limits.MembersPerRoom, "the room has %d members, the maximum: come back later"}
}

// LimitsRooms reports whether the number of members of a room is limited.
func (q *Quotas) LimitsRooms() bool { return q.limits.MembersPerRoom > 0 }

// TakeAll takes the slots that a connection needs that is about to be made, all
// at the same time. It returns all of them, or an error and none.
func (q *Quotas) TakeAll(ctx context.Context, h Holder, roomID string) ([]Slot, error) {
	needs := q.needs(h, roomID)
	for _, n := range needs { // before any is taken in vain
		if q.isFull(n) {
			return nil, n.refused()
		}
	}
	taken, failed := make([]Slot, len(needs)), make([]error, len(needs))
	_ = base.ForEach(len(needs), base.CallConcurrency, func(i int) error { // of several errors the first need's counts
		taken[i], failed[i] = q.take(ctx, needs[i], h)
		return nil
	})
	var slots []Slot
	for _, slot := range taken {
		if slot != (Slot{}) {
			slots = append(slots, slot)
		}
	}
	for _, err := range failed {
		if err != nil {
			q.Release(ctx, h.ConnectionID, slots...)
			return nil, err
		}
	}
	return slots, nil
}

// TakeRoom takes a slot of a room for a connection.
func (q *Quotas) TakeRoom(ctx context.Context, h Holder, roomID string) (Slot, error) {
	return q.take(ctx, q.room(roomID), h)
}

// take gives a connection a slot, or refuses it.
func (q *Quotas) take(ctx context.Context, n need, h Holder) (Slot, error) {
	if q.isFull(n) {
		return Slot{}, n.refused()
	}
	now := q.env.Now()
	slot, err := q.slots.Take(ctx, n.quota, n.limit, h.ConnectionID, h.ExpiresAt)
	if errors.Is(err, ErrQuotaFull) {
		q.full.Put(n.quota, struct{}{}, now.Add(fullAge))
		return Slot{}, n.refused()
	}
	if err != nil {
		return Slot{}, fmt.Errorf("take a slot of %s: %w", n.quota, err)
	}
	return slot, nil
}

func (q *Quotas) isFull(n need) bool {
	_, full := q.full.Get(n.quota, q.env.Now())
	return full
}

func (n need) refused() error {
	return protocol.Errorf(protocol.CodeLimitReached, n.refusal, n.limit)
}

// Release frees slots of a connection. A slot that it cannot free expires with
// the connection.
func (q *Quotas) Release(ctx context.Context, connectionID string, slots ...Slot) {
	err := base.ForEach(len(slots), base.CallConcurrency, func(i int) error { return q.slots.Release(ctx, slots[i], connectionID) })
	if err != nil {
		q.env.Logger.WarnContext(ctx, "could not release a slot, it expires by itself", "connectionId", connectionID, "error", err)
	}
}
