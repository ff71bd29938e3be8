package realtimetest

import (
	"context"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Get implements [realtime.Sends].
func (m *Memory) Get(_ context.Context, key sends.Key) (sends.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.send(key)
	if !ok {
		return sends.Send{}, sends.ErrUnknown
	}
	return s, nil
}

// Claim implements [realtime.Sends].
func (m *Memory) Claim(_ context.Context, key sends.Key, s sends.Send) (sends.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); ok {
		return there, nil
	}
	m.sends[key] = s
	return s, nil
}

// Move implements [realtime.Sends].
func (m *Memory) Move(_ context.Context, key sends.Key, from int64, s sends.Send) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); !ok || there.Seq != from {
		return sends.ErrMoved
	}
	m.sends[key] = s
	return nil
}

// send returns what is known of a send, unless it has expired.
func (m *Memory) send(key sends.Key) (sends.Send, bool) {
	s, ok := m.sends[key]
	return s, ok && !m.expired(s.ExpiresAt)
}
