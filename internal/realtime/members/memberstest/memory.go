package memberstest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
	"github.com/roomcast/roomcast/internal/realtime/session"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
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

// NewMemory returns an empty memory with a clock. It frees the slots of connections that end.
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

// row is a member and when it expires.
type row struct {
	members.Member
	expiresAt time.Time
}

// Connect implements its port.
func (m *Memory) Connect(_ context.Context, c members.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.connection(c.ID); err == nil {
		return nil
	}
	c.Rooms, c.Slots = slices.Clone(c.Rooms), slices.Clone(c.Slots)
	m.connections[c.ID] = c
	put(m.users, c.UserID, c, members.Status{})
	m.note(c)
	for _, membership := range c.Rooms {
		put(m.rooms, membership, c, members.Status{})
	}
	return nil
}

// Connection implements its port.
func (m *Memory) Connection(_ context.Context, id string) (members.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connection(id)
}

// Remove implements its port.
func (m *Memory) Remove(_ context.Context, c members.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.connections, c.ID)
	delete(m.users[c.UserID], c.ID)
	delete(m.expiries, keyOf(c.ID, c.TokenExpiresAt))
	for _, membership := range c.Rooms {
		delete(m.rooms[membership], c.ID)
	}
	for _, slot := range c.Slots {
		m.release(slot, c.ID)
	}
	return nil
}

// Join implements its port.
func (m *Memory) Join(_ context.Context, connectionID string, to members.Membership, st members.Status, t members.JoinConditions) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	if t.Permissions != nil && !bytes.Equal(permission.JSON(*t.Permissions), permission.JSON(c.Permissions)) {
		return members.ErrPermissionsChanged
	}
	rooms := len(c.Rooms)
	m.leave(&c, to.RoomID)
	if t.MaxRooms > 0 && rooms >= t.MaxRooms && len(c.Rooms) == rooms { // and not in this one
		return members.ErrTooManyRooms
	}
	c.Rooms = append(c.Rooms, to)
	if t.Slot != (limits.Slot{}) {
		c.Slots = append(without(c.Slots, t.Slot.Quota), t.Slot)
	}
	m.connections[connectionID] = c
	put(m.rooms, to, c, st)
	return nil
}

// SetStatus implements its port.
func (m *Memory) SetStatus(_ context.Context, connectionID string, in members.Membership, st members.Status) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rooms[in][connectionID]
	if !ok || m.expired(r.expiresAt) {
		return members.ErrNotMember
	}
	r.AckedSeq, r.PresentUntil = st.AckedSeq, st.PresentUntil
	m.rooms[in][connectionID] = r
	return nil
}

// Member implements its port.
func (m *Memory) Member(_ context.Context, connectionID string, in members.Membership) (members.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rooms[in][connectionID]
	if !ok || m.expired(r.expiresAt) {
		return members.Member{}, members.ErrNotMember
	}
	return r.Member, nil
}

// Leave implements its port.
func (m *Memory) Leave(_ context.Context, connectionID, roomID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, err := m.connection(connectionID); err == nil {
		if !slices.ContainsFunc(c.Rooms, func(in members.Membership) bool { return in.RoomID == roomID }) {
			delete(m.rooms[members.Membership{RoomID: roomID}], connectionID)
		}
		m.leave(&c, roomID)
		for _, slot := range c.Slots {
			if slot.Quota == limits.RoomQuota(roomID) {
				m.release(slot, c.ID)
			}
		}
		c.Slots = without(c.Slots, limits.RoomQuota(roomID))
		m.connections[connectionID] = c
	}
	return nil
}

// DropMember implements its port.
func (m *Memory) DropMember(_ context.Context, connectionID string, from members.Membership) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rooms[from], connectionID)
	return nil
}

// Stray makes a connection a member of a room that it does not list.
func (m *Memory) Stray(connectionID string, in members.Membership) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(m.rooms, in, m.connections[connectionID], members.Status{})
}

// without returns the slots that are not of a quota.
func without(slots []limits.Slot, of limits.QuotaKey) []limits.Slot {
	return slices.DeleteFunc(slots, func(s limits.Slot) bool { return s.Quota == of })
}

// leave ends a connection's membership of a room, whatever its shard.
func (m *Memory) leave(c *members.Connection, roomID string) {
	c.Rooms = slices.DeleteFunc(c.Rooms, func(in members.Membership) bool {
		if in.RoomID != roomID {
			return false
		}
		delete(m.rooms[in], c.ID)
		return true
	})
}

// Members implements its port.
func (m *Memory) Members(_ context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	members := m.live(m.rooms[members.Membership{RoomID: roomID, Shard: shard}])
	if limit > 0 && len(members) > limit {
		members = members[:limit]
	}
	return members, nil
}

// Count implements its port.
func (m *Memory) Count(ctx context.Context, roomID string, shard int) (int, error) {
	members, err := m.Members(ctx, roomID, shard, 0)
	return len(members), err
}

// OfUser implements its port.
func (m *Memory) OfUser(_ context.Context, userID string) ([]members.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live(m.users[userID]), nil
}

func (m *Memory) connection(id string) (members.Connection, error) {
	c, ok := m.connections[id]
	if !ok || m.expired(c.ExpiresAt) {
		return members.Connection{}, members.ErrUnknownConnection
	}
	c.Rooms, c.Slots = slices.Clone(c.Rooms), slices.Clone(c.Slots)
	return c, nil
}

// live returns the members that have not expired, sorted by connection.
func (m *Memory) live(rows map[string]row) []members.Member {
	var members []members.Member
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if !m.expired(rows[id].expiresAt) {
			members = append(members, rows[id].Member)
		}
	}
	return members
}

// put lists a connection under a room or a user.
func put[G comparable](groups map[G]map[string]row, group G, c members.Connection, st members.Status) {
	if groups[group] == nil {
		groups[group] = map[string]row{}
	}
	groups[group][c.ID] = row{
		Member:    members.Member{ConnectionID: c.ID, UserID: c.UserID, ConnectedAt: c.ConnectedAt, Status: st},
		expiresAt: c.ExpiresAt,
	}
}
