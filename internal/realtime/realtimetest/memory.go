package realtimetest

import (
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Memory keeps everything that package realtime stores in memory. It passes
// [TestStore].
type Memory struct {
	now func() time.Time

	mu          sync.Mutex
	connections map[string]members.Connection
	rooms       map[members.Membership]map[string]row
	users       map[string]map[string]row
	heads       map[string]roomlog.Head
	entries     map[string]map[int64]roomlog.Entry
	sends       map[sends.Key]sends.Send
	inboxes     map[string]*userInbox
	endings     map[endingKey]session.TokenExpiry
	buckets     map[limits.BucketKey]time.Time // when they are full
	seats       map[limits.Slot]taken
}

var (
	_ Connections    = (*Memory)(nil)
	_ Log            = (*Memory)(nil)
	_ sends.Store    = (*Memory)(nil)
	_ inbox.Store    = (*Memory)(nil)
	_ limits.Buckets = (*Memory)(nil)
	_ limits.Slots   = (*Memory)(nil)
)

// NewMemory returns an empty memory with the given clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:         now,
		connections: map[string]members.Connection{},
		rooms:       map[members.Membership]map[string]row{},
		users:       map[string]map[string]row{},
		heads:       map[string]roomlog.Head{},
		entries:     map[string]map[int64]roomlog.Entry{},
		sends:       map[sends.Key]sends.Send{},
		inboxes:     map[string]*userInbox{},
		endings:     map[endingKey]session.TokenExpiry{},
		buckets:     map[limits.BucketKey]time.Time{},
		seats:       map[limits.Slot]taken{},
	}
}

// expired reports whether something that counts until at does not any more.
func (m *Memory) expired(at time.Time) bool {
	return !at.After(m.now())
}
