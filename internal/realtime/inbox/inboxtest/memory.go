package inboxtest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Memory keeps inboxes in memory. It passes [TestStore].
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	inboxes map[string]*userInbox
}

var _ inbox.Store = (*Memory)(nil)

// NewMemory returns an empty memory with a clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:     now,
		inboxes: map[string]*userInbox{},
	}
}

// expired reports whether something that expires at a time has.
func (m *Memory) expired(at time.Time) bool { return !at.After(m.now()) }

// userInbox is the inbox of a user.
type userInbox struct {
	notes        map[string]inbox.Notification
	acknowledged map[string]time.Time // until when they do not come back
	inbox.State
}

// Add implements its port.
func (m *Memory) Add(_ context.Context, userID string, n inbox.Notification) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.inbox(userID)
	there, ok := b.notes[n.ID]
	if (!ok || m.expired(there.ExpiresAt)) && m.expired(b.acknowledged[n.ID]) {
		n.Notification = slices.Clone(n.Notification)
		b.notes[n.ID] = n
	}
	b.Count++
	return b.Count, nil
}

// List implements its port.
func (m *Memory) List(_ context.Context, userID, since string, limit int) ([]inbox.Notification, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	notes := m.waiting(userID, since)
	return notes[:min(len(notes), limit)], nil
}

// Has implements its port.
func (m *Memory) Has(_ context.Context, userID, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.inbox(userID).notes[id]
	return ok && !m.expired(n.ExpiresAt), nil
}

// Trim implements its port.
func (m *Memory) Trim(_ context.Context, userID string, keep int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, notes := m.inbox(userID), m.waiting(userID, "")
	surplus := inbox.Surplus(notes, keep)
	for _, id := range surplus {
		delete(b.notes, id)
	}
	b.Count = int64(len(notes) - len(surplus))
	b.Dropped += int64(len(surplus))
	return nil
}

// State implements its port.
func (m *Memory) State(_ context.Context, userID string) (inbox.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inbox(userID).State, nil
}

// AcknowledgeDropped implements its port.
func (m *Memory) AcknowledgeDropped(_ context.Context, userID string, upTo int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.inbox(userID); upTo <= b.Dropped {
		b.DroppedAcked = max(b.DroppedAcked, upTo)
	}
	return nil
}

// Acknowledge implements its port.
func (m *Memory) Acknowledge(_ context.Context, userID, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.inbox(userID)
	if n, ok := b.notes[id]; !ok || m.expired(n.ExpiresAt) {
		return inbox.ErrUnknownNotification
	}
	delete(b.notes, id)
	b.acknowledged[id] = m.now().Add(2 * sends.Window)
	return nil
}

func (m *Memory) inbox(userID string) *userInbox {
	if m.inboxes[userID] == nil {
		m.inboxes[userID] = &userInbox{notes: map[string]inbox.Notification{}, acknowledged: map[string]time.Time{}}
	}
	return m.inboxes[userID]
}

// waiting returns what is in an inbox after an id, the oldest first.
func (m *Memory) waiting(userID, since string) []inbox.Notification {
	b := m.inbox(userID)
	var notes []inbox.Notification
	for _, id := range slices.Sorted(maps.Keys(b.notes)) {
		n := b.notes[id]
		if id <= since || m.expired(n.ExpiresAt) {
			continue
		}
		n.Notification = slices.Clone(n.Notification)
		notes = append(notes, n)
	}
	return notes
}
