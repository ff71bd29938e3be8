package realtimetest

import (
	"context"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Send implements [realtime.Sends].
func (m *Memory) Send(_ context.Context, key realtime.SendKey) (realtime.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.send(key)
	if !ok {
		return realtime.Send{}, realtime.ErrUnknownSend
	}
	return s, nil
}

// Claim implements [realtime.Sends].
func (m *Memory) Claim(_ context.Context, key realtime.SendKey, s realtime.Send) (realtime.Send, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); ok {
		return there, nil
	}
	m.sends[key] = s
	return s, nil
}

// Move implements [realtime.Sends].
func (m *Memory) Move(_ context.Context, key realtime.SendKey, from int64, s realtime.Send) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if there, ok := m.send(key); !ok || there.Seq != from {
		return realtime.ErrMoved
	}
	m.sends[key] = s
	return nil
}

// send returns what is known of a send, unless it has expired.
func (m *Memory) send(key realtime.SendKey) (realtime.Send, bool) {
	s, ok := m.sends[key]
	return s, ok && !m.expired(s.ExpiresAt)
}
