package realtimetest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

// taken is who has a seat, and for how long.
type taken struct {
	connectionID string
	expiresAt    time.Time
}

// Spend implements [realtime.Rates].
func (m *Memory) Withdraw(_ context.Context, key limits.BucketKey, s limits.Withdrawal) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	full := m.buckets[key]
	switch {
	case !full.After(s.At):
		full = s.At.Truncate(time.Microsecond)
	case full.After(s.At.Add(s.Burst - s.Cost)):
		return full, limits.ErrRateLimited
	}
	full = full.Add(s.Cost)
	m.buckets[key] = full
	return full, nil
}

// Take implements [realtime.Seats].
func (m *Memory) Take(_ context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	free := -1
	for slot := range limit {
		held, ok := m.seats[limits.Slot{Quota: of, Number: slot}]
		if ok && held.connectionID == connectionID {
			free = slot
			break
		}
		if free < 0 && (!ok || m.expired(held.expiresAt)) {
			free = slot
		}
	}
	if free < 0 {
		return limits.Slot{}, limits.ErrQuotaFull
	}
	seat := limits.Slot{Quota: of, Number: free}
	m.seats[seat] = taken{connectionID, expiresAt}
	return seat, nil
}

// Release implements [realtime.Seats].
func (m *Memory) Release(_ context.Context, seat limits.Slot, connectionID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release(seat, connectionID)
	return nil
}

// Seated returns how many seats of a holder are taken.
func (m *Memory) SlotsTaken(of limits.QuotaKey) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for seat, held := range m.seats {
		if seat.Quota == of && !m.expired(held.expiresAt) {
			n++
		}
	}
	return n
}

func (m *Memory) release(seat limits.Slot, connectionID string) {
	if m.seats[seat].connectionID == connectionID {
		delete(m.seats, seat)
	}
}
