package realtimetest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
)

// taken is who has a seat, and for how long.
type taken struct {
	connectionID string
	expiresAt    time.Time
}

// Spend implements [realtime.Rates].
func (m *Memory) Spend(_ context.Context, key realtime.RateKey, s realtime.Spending) (time.Time, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	full := m.buckets[key]
	switch {
	case !full.After(s.At):
		full = s.At.Truncate(time.Microsecond)
	case full.After(s.At.Add(s.Burst - s.Cost)):
		return full, realtime.ErrSpent
	}
	full = full.Add(s.Cost)
	m.buckets[key] = full
	return full, nil
}

// Take implements [realtime.Seats].
func (m *Memory) Take(_ context.Context, of realtime.Holder, limit int, connectionID string, expiresAt time.Time) (realtime.Seat, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	free := -1
	for slot := range limit {
		held, ok := m.seats[realtime.Seat{Holder: of, Slot: slot}]
		if ok && held.connectionID == connectionID {
			free = slot
			break
		}
		if free < 0 && (!ok || m.expired(held.expiresAt)) {
			free = slot
		}
	}
	if free < 0 {
		return realtime.Seat{}, realtime.ErrNoSeat
	}
	seat := realtime.Seat{Holder: of, Slot: free}
	m.seats[seat] = taken{connectionID, expiresAt}
	return seat, nil
}

// Release implements [realtime.Seats].
func (m *Memory) Release(_ context.Context, seat realtime.Seat, connectionID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release(seat, connectionID)
	return nil
}

// Seated returns how many seats of a holder are taken.
func (m *Memory) Seated(of realtime.Holder) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for seat, held := range m.seats {
		if seat.Holder == of && !m.expired(held.expiresAt) {
			n++
		}
	}
	return n
}

func (m *Memory) release(seat realtime.Seat, connectionID string) {
	if m.seats[seat].connectionID == connectionID {
		delete(m.seats, seat)
	}
}
