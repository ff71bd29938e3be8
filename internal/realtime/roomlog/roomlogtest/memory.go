package roomlogtest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// Memory keeps the logs of rooms in memory. It passes [TestLog].
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	heads   map[string]roomlog.Head
	entries map[string]map[int64]roomlog.Entry
}

var _ Log = (*Memory)(nil)

// NewMemory returns an empty memory with a clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:     now,
		heads:   map[string]roomlog.Head{},
		entries: map[string]map[int64]roomlog.Entry{},
	}
}

// expired reports whether something that expires at a time has.
func (m *Memory) expired(at time.Time) bool { return !at.After(m.now()) }

// Head implements its port.
func (m *Memory) Head(_ context.Context, roomID string) (roomlog.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return cloned(m.heads[roomID]), nil
}

// Advance implements its port.
func (m *Memory) Advance(_ context.Context, roomID, id string, at, expiresAt time.Time) (roomlog.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	at = time.UnixMilli(at.UnixMilli())
	head := m.heads[roomID]
	if head.Seq == 0 {
		head.Epoch, head.StartedAt = id, at
	}
	head.Seq++
	head.AdvancedAt = at
	if head.ExpiresAt.Before(expiresAt) {
		head.ExpiresAt = expiresAt
	}
	m.heads[roomID] = head
	return cloned(head), nil
}

// Resize implements its port.
func (m *Memory) Resize(_ context.Context, roomID string, to shard.Layout, expiresAt time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := m.heads[roomID]
	if head.Version != to.Version-1 {
		return shard.ErrResized
	}
	head.Layout, head.ExpiresAt = to, expiresAt
	m.heads[roomID] = cloned(head)
	return nil
}

// Raise implements its port.
func (m *Memory) Raise(_ context.Context, roomID, epoch string, floor int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if head, ok := m.heads[roomID]; ok && head.Epoch == epoch && head.Floor < floor {
		head.Floor = floor
		m.heads[roomID] = head
	}
	return nil
}

// cloned returns a head that shares nothing with another.
func cloned(h roomlog.Head) roomlog.Head {
	h.Open = slices.Clone(h.Open)
	return h
}

// Put implements its port.
func (m *Memory) Put(_ context.Context, e roomlog.Entry) (roomlog.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.entries[e.RoomID][e.Seq]; ok && !m.expired(there.ExpiresAt.Add(24*time.Hour)) {
		return there, nil
	}
	if m.entries[e.RoomID] == nil {
		m.entries[e.RoomID] = map[int64]roomlog.Entry{}
	}
	m.entries[e.RoomID][e.Seq] = e
	return e, nil
}

// Entries implements its port.
func (m *Memory) Entries(_ context.Context, roomID string, s roomlog.Span) ([]roomlog.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var entries []roomlog.Entry
	for _, seq := range slices.Sorted(maps.Keys(m.entries[roomID])) {
		e := m.entries[roomID][seq]
		if s.From <= seq && seq <= s.To && !m.expired(e.ExpiresAt) {
			entries = append(entries, e)
		}
	}
	if extra := len(entries) - s.Limit; extra > 0 && s.Newest {
		return entries[extra:], nil
	}
	return entries[:min(len(entries), s.Limit)], nil
}

// Messages returns the messages in a room's log in order, expired or not.
func (m *Memory) Messages(roomID string) []roomlog.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	var messages []roomlog.Entry
	for _, seq := range slices.Sorted(maps.Keys(m.entries[roomID])) {
		if e := m.entries[roomID][seq]; !e.Tombstone() {
			messages = append(messages, e)
		}
	}
	return messages
}

// Sweep deletes the messages and the heads that have expired, as DynamoDB does days later.
func (m *Memory) Sweep() {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.heads, func(_ string, h roomlog.Head) bool { return m.expired(h.ExpiresAt) })
	for _, entries := range m.entries {
		maps.DeleteFunc(entries, func(_ int64, e roomlog.Entry) bool { return m.expired(e.ExpiresAt) })
	}
}
