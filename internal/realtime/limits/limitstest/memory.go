package limitstest

import (
	"context"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

// Memory keeps token buckets and slots in memory. It passes [TestStore].
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[limits.BucketKey]time.Time
	slots   map[limits.Slot]taken
}

var (
	_ limits.Buckets = (*Memory)(nil)
	_ limits.Slots   = (*Memory)(nil)
)

// NewMemory returns an empty memory with a clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:     now,
		buckets: map[limits.BucketKey]time.Time{},
		slots:   map[limits.Slot]taken{},
	}
}

// expired reports whether something that expires at a time has.
func (m *Memory) expired(at time.Time) bool { return !at.After(m.now()) }

// taken is the holder of a slot, and when its hold expires.
type taken struct {
	connectionID string
	expiresAt    time.Time
}

// Withdraw implements its port.
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

// Take implements its port.
func (m *Memory) Take(_ context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	free := -1
	for slot := range limit {
		held, ok := m.slots[limits.Slot{Quota: of, Number: slot}]
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
	slot := limits.Slot{Quota: of, Number: free}
	m.slots[slot] = taken{connectionID, expiresAt}
	return slot, nil
}

// Release implements its port.
func (m *Memory) Release(_ context.Context, slot limits.Slot, connectionID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release(slot, connectionID)
	return nil
}

// SlotsTaken returns how many slots of a quota are taken.
func (m *Memory) SlotsTaken(of limits.QuotaKey) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for slot, held := range m.slots {
		if slot.Quota == of && !m.expired(held.expiresAt) {
			n++
		}
	}
	return n
}

func (m *Memory) release(slot limits.Slot, connectionID string) {
	if m.slots[slot].connectionID == connectionID {
		delete(m.slots, slot)
	}
}

// Free frees a slot of a connection.
func (m *Memory) Free(slot limits.Slot, connectionID string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.release(slot, connectionID)
}
