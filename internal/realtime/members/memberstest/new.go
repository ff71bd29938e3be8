package memberstest

import (
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Memory keeps connections, memberships and token expiries in memory. It passes
// [TestStore] and sessiontest.TestStore.
type Memory struct {
	now   func() time.Time
	slots *limitstest.Memory // which a connection's end frees

	mu          sync.Mutex
	connections map[string]members.Connection
	rooms       map[members.Membership]map[string]row
	users       map[string]map[string]row
	expiries    map[expiryKey]session.TokenExpiry
}

var _ Connections = (*Memory)(nil)

// NewMemory returns an empty memory with a clock. It frees slots of slots.
func NewMemory(now func() time.Time, slots *limitstest.Memory) *Memory {
	return &Memory{
		now: now, slots: slots,
		connections: map[string]members.Connection{},
		rooms:       map[members.Membership]map[string]row{},
		users:       map[string]map[string]row{},
		expiries:    map[expiryKey]session.TokenExpiry{},
	}
}

// expired reports whether something that expires at a time has.
func (m *Memory) expired(at time.Time) bool { return !at.After(m.now()) }

// release frees a slot of a connection.
func (m *Memory) release(slot limits.Slot, connectionID string) { m.slots.Free(slot, connectionID) }
