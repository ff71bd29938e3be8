package realtimetest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
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
func (m *Memory) note(c realtime.Connection) {
	if !c.EndsAt.IsZero() {
		m.endings[keyOf(c.ID, c.EndsAt)] = realtime.Ending{ConnectionID: c.ID, EndsAt: c.EndsAt}
	}
}

// Renew implements [realtime.Connections].
func (m *Memory) Renew(_ context.Context, connectionID string, id realtime.Identity) (realtime.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.connection(connectionID)
	if err == nil && c.UserID != id.UserID {
		err = realtime.ErrUnknownConnection
	}
	if err != nil {
		return realtime.Connection{}, err
	}
	c.Permissions, c.EndsAt = id.Permissions, id.EndsAt
	m.connections[connectionID] = c
	m.note(c)
	return m.connection(connectionID)
}

// NoteEnding implements [realtime.Connections].
func (m *Memory) NoteEnding(_ context.Context, e realtime.Ending) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endings[keyOf(e.ConnectionID, e.EndsAt)] = e
	return nil
}

// Endings implements [realtime.Connections].
func (m *Memory) Endings(_ context.Context, minute time.Time) ([]realtime.Ending, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var endings []realtime.Ending
	for key, e := range m.endings {
		if key.minute == minute.Unix()/60 {
			endings = append(endings, e)
		}
	}
	return endings, nil
}

// DropEnding implements [realtime.Connections].
func (m *Memory) DropEnding(_ context.Context, e realtime.Ending) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.endings, keyOf(e.ConnectionID, e.EndsAt))
	return nil
}
