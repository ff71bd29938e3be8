package memberstest

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// expiryKey identifies a token expiry.
type expiryKey struct {
	minute       int64
	connectionID string
}

func keyOf(connectionID string, expiresAt time.Time) expiryKey {
	return expiryKey{expiresAt.Unix() / 60, connectionID}
}

// note adds the token expiry of a connection, if its token expires.
func (m *Memory) note(c members.Connection) {
	if !c.TokenExpiresAt.IsZero() {
		m.expiries[keyOf(c.ID, c.TokenExpiresAt)] = session.TokenExpiry{ConnectionID: c.ID, ExpiresAt: c.TokenExpiresAt}
	}
}

// Renew implements its port.
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

// AddExpiry implements its port.
func (m *Memory) AddExpiry(_ context.Context, e session.TokenExpiry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expiries[keyOf(e.ConnectionID, e.ExpiresAt)] = e
	return nil
}

// ListExpiries implements its port.
func (m *Memory) ListExpiries(_ context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var expiries []session.TokenExpiry
	for key, e := range m.expiries {
		if key.minute == minute.Unix()/60 {
			expiries = append(expiries, e)
		}
	}
	return expiries, nil
}

// DropExpiry implements its port.
func (m *Memory) DropExpiry(_ context.Context, e session.TokenExpiry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.expiries, keyOf(e.ConnectionID, e.ExpiresAt))
	return nil
}
