package sendstest

import (
	"context"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Memory keeps sends in memory. It passes [TestStore].
type Memory struct {
	now func() time.Time

	mu    sync.Mutex
	sends map[sends.Key]sends.Send
}

var _ sends.Store = (*Memory)(nil)

// NewMemory returns an empty memory with a clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:   now,
		sends: map[sends.Key]sends.Send{},
	}
}

// expired reports whether something that expires at a time has.
func (m *Memory) expired(at time.Time) bool { return !at.After(m.now()) }

// Get implements its port.
func (m *Memory) Get(_ context.Context, key sends.Key) (sends.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.send(key)
	if !ok {
		return sends.Send{}, sends.ErrUnknown
	}
	return s, nil
}

// Claim implements its port.
func (m *Memory) Claim(_ context.Context, key sends.Key, s sends.Send) (sends.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); ok {
		return there, nil
	}
	m.sends[key] = s
	return s, nil
}

// Move implements its port.
func (m *Memory) Move(_ context.Context, key sends.Key, from int64, s sends.Send) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); !ok || there.Seq != from {
		return sends.ErrMoved
	}
	m.sends[key] = s
	return nil
}

// send returns a stored send, unless it has expired.
func (m *Memory) send(key sends.Key) (sends.Send, bool) {
	s, ok := m.sends[key]
	return s, ok && !m.expired(s.ExpiresAt)
}
