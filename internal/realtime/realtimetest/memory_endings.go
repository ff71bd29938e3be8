package realtimetest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// endingKey is what there is one ending of.
type endingKey struct {
	minute       int64
	connectionID string
}

func keyOf(connectionID string, endsAt time.Time) endingKey {
	return endingKey{endsAt.Unix() / 60, connectionID}
}

// note notes when the token of a connection ends, if it does.
func (m *Memory) note(c members.Connection) {
	if !c.TokenExpiresAt.IsZero() {
		m.endings[keyOf(c.ID, c.TokenExpiresAt)] = session.TokenExpiry{ConnectionID: c.ID, ExpiresAt: c.TokenExpiresAt}
	}
}

// Renew implements [realtime.Connections].
func (m *Memory) Renew(_ context.Context, connectionID string, id session.Identity) (members.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.connection(connectionID)
	if err == nil && c.UserID != id.UserID {
		err = members.ErrUnknownConnection
	}
	if err != nil {
		return members.Connection{}, err
	}
	c.Permissions, c.TokenExpiresAt = id.Permissions, id.TokenExpiresAt
	m.connections[connectionID] = c
	m.note(c)
	return m.connection(connectionID)
}

// NoteEnding implements [realtime.Connections].
func (m *Memory) AddExpiry(_ context.Context, e session.TokenExpiry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endings[keyOf(e.ConnectionID, e.ExpiresAt)] = e
	return nil
}

// Endings implements [realtime.Connections].
func (m *Memory) ListExpiries(_ context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var endings []session.TokenExpiry
	for key, e := range m.endings {
		if key.minute == minute.Unix()/60 {
			endings = append(endings, e)
		}
	}
	return endings, nil
}

// DropEnding implements [realtime.Connections].
func (m *Memory) DropExpiry(_ context.Context, e session.TokenExpiry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.endings, keyOf(e.ConnectionID, e.ExpiresAt))
	return nil
}
