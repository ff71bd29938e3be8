package realtimetest

import (
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Memory keeps everything that package realtime stores in memory. It passes
// [TestStore].
type Memory struct {
	now func() time.Time

	mu          sync.Mutex
	connections map[string]realtime.Connection
	rooms       map[realtime.Membership]map[string]row
	users       map[string]map[string]row
	heads       map[string]roomlog.Head
	entries     map[string]map[int64]roomlog.Entry
	sends       map[sends.Key]sends.Send
	inboxes     map[string]*inbox
	endings     map[endingKey]realtime.Ending
	buckets     map[realtime.RateKey]time.Time // when they are full
	seats       map[realtime.Seat]taken
}

var (
	_ realtime.Connections = (*Memory)(nil)
	_ roomlog.Log          = (*Memory)(nil)
	_ sends.Store          = (*Memory)(nil)
	_ realtime.Inboxes     = (*Memory)(nil)
	_ realtime.Rates       = (*Memory)(nil)
	_ realtime.Seats       = (*Memory)(nil)
)

// NewMemory returns an empty memory with the given clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:         now,
		connections: map[string]realtime.Connection{},
		rooms:       map[realtime.Membership]map[string]row{},
		users:       map[string]map[string]row{},
		heads:       map[string]roomlog.Head{},
		entries:     map[string]map[int64]roomlog.Entry{},
		sends:       map[sends.Key]sends.Send{},
		inboxes:     map[string]*inbox{},
		endings:     map[endingKey]realtime.Ending{},
		buckets:     map[realtime.RateKey]time.Time{},
		seats:       map[realtime.Seat]taken{},
	}
}

// expired reports whether something that counts until at does not any more.
func (m *Memory) expired(at time.Time) bool {
	return !at.After(m.now())
}
