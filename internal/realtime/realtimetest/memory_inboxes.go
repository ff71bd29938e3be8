package realtimetest

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// inbox is a user's.
type inbox struct {
	notes        map[string]realtime.Note
	acknowledged map[string]time.Time // until when they do not come back
	realtime.InboxState
}

// Keep implements [realtime.Inboxes].
func (m *Memory) Keep(_ context.Context, userID string, n realtime.Note) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.inbox(userID)
	there, ok := b.notes[n.ID]
	if (!ok || m.expired(there.ExpiresAt)) && m.expired(b.acknowledged[n.ID]) {
		n.Notification = slices.Clone(n.Notification)
		b.notes[n.ID] = n
	}
	b.Kept++
	return b.Kept, nil
}

// Waiting implements [realtime.Inboxes].
func (m *Memory) Waiting(_ context.Context, userID, since string, limit int) ([]realtime.Note, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	notes := m.waiting(userID, since)
	return notes[:min(len(notes), limit)], nil
}

// Has implements [realtime.Inboxes].
func (m *Memory) Has(_ context.Context, userID, id string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.inbox(userID).notes[id]
	return ok && !m.expired(n.ExpiresAt), nil
}

// Trim implements [realtime.Inboxes].
func (m *Memory) Trim(_ context.Context, userID string, keep int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, notes := m.inbox(userID), m.waiting(userID, "")
	surplus := realtime.Surplus(notes, keep)
	for _, id := range surplus {
		delete(b.notes, id)
	}
	b.Kept = int64(len(notes) - len(surplus))
	b.Dropped += int64(len(surplus))
	return nil
}

// State implements [realtime.Inboxes].
func (m *Memory) State(_ context.Context, userID string) (realtime.InboxState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inbox(userID).InboxState, nil
}

// Forgive implements [realtime.Inboxes].
func (m *Memory) Forgive(_ context.Context, userID string, upTo int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.inbox(userID); upTo <= b.Dropped {
		b.Forgiven = max(b.Forgiven, upTo)
	}
	return nil
}

// Acknowledge implements [realtime.Inboxes].
func (m *Memory) Acknowledge(_ context.Context, userID, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.inbox(userID)
	if n, ok := b.notes[id]; !ok || m.expired(n.ExpiresAt) {
		return realtime.ErrUnknownNotification
	}
	delete(b.notes, id)
	b.acknowledged[id] = m.now().Add(2 * sends.Window)
	return nil
}

func (m *Memory) inbox(userID string) *inbox {
	if m.inboxes[userID] == nil {
		m.inboxes[userID] = &inbox{notes: map[string]realtime.Note{}, acknowledged: map[string]time.Time{}}
	}
	return m.inboxes[userID]
}

// waiting returns what is in an inbox after an id, the oldest first.
func (m *Memory) waiting(userID, since string) []realtime.Note {
	b := m.inbox(userID)
	var notes []realtime.Note
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
