package realtimetest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Memory keeps connections and logs in memory. It passes [TestStore].
type Memory struct {
	now func() time.Time

	mu          sync.Mutex
	connections map[string]realtime.Connection
	rooms       map[string]map[string]row
	users       map[string]map[string]row
	heads       map[string]realtime.Head
	entries     map[string][]realtime.Entry
}

// row is a member and how long it counts.
type row struct {
	realtime.Member
	expiresAt time.Time
}

var (
	_ realtime.Connections = (*Memory)(nil)
	_ realtime.Log         = (*Memory)(nil)
)

// NewMemory returns an empty memory with the given clock.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{
		now:         now,
		connections: map[string]realtime.Connection{},
		rooms:       map[string]map[string]row{},
		users:       map[string]map[string]row{},
		heads:       map[string]realtime.Head{},
		entries:     map[string][]realtime.Entry{},
	}
}

// Connect implements [realtime.Connections].
func (m *Memory) Connect(_ context.Context, c realtime.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c.Rooms = slices.Clone(c.Rooms)
	m.connections[c.ID] = c
	put(m.users, c.UserID, c)
	for _, room := range c.Rooms {
		put(m.rooms, room, c)
	}
	return nil
}

// Connection implements [realtime.Connections].
func (m *Memory) Connection(_ context.Context, id string) (realtime.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.connection(id)
}

// Remove implements [realtime.Connections].
func (m *Memory) Remove(_ context.Context, c realtime.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.connections, c.ID)
	delete(m.users[c.UserID], c.ID)
	for _, room := range c.Rooms {
		delete(m.rooms[room], c.ID)
	}
	return nil
}

// Join implements [realtime.Connections].
func (m *Memory) Join(_ context.Context, connectionID, roomID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	if !slices.Contains(c.Rooms, roomID) {
		c.Rooms = append(c.Rooms, roomID)
	}
	m.connections[connectionID] = c
	put(m.rooms, roomID, c)
	return nil
}

// Leave implements [realtime.Connections].
func (m *Memory) Leave(_ context.Context, connectionID, roomID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rooms[roomID], connectionID)
	if c, err := m.connection(connectionID); err == nil {
		c.Rooms = slices.DeleteFunc(c.Rooms, func(r string) bool { return r == roomID })
		m.connections[connectionID] = c
	}
	return nil
}

// Members implements [realtime.Connections].
func (m *Memory) Members(_ context.Context, roomID string, shard, limit int) ([]realtime.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if shard != 0 {
		return nil, nil
	}
	members := m.live(m.rooms[roomID])
	if limit > 0 && len(members) > limit {
		members = members[:limit]
	}
	return members, nil
}

// OfUser implements [realtime.Connections].
func (m *Memory) OfUser(_ context.Context, userID string) ([]realtime.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live(m.users[userID]), nil
}

// Head implements [realtime.Log].
func (m *Memory) Head(_ context.Context, roomID string) (realtime.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.heads[roomID], nil
}

// Append implements [realtime.Log].
func (m *Memory) Append(_ context.Context, e realtime.Entry) (realtime.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := m.heads[e.RoomID]
	if head.Seq == 0 {
		head = realtime.Head{Epoch: e.ID, Shards: 1}
	}
	head.Seq++
	m.heads[e.RoomID] = head
	m.entries[e.RoomID] = append(m.entries[e.RoomID], e)
	return head, nil
}

// Entries returns what is in a room's log, in order.
func (m *Memory) Entries(roomID string) []realtime.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries[roomID])
}

func (m *Memory) connection(id string) (realtime.Connection, error) {
	c, ok := m.connections[id]
	if !ok || !c.ExpiresAt.After(m.now()) {
		return realtime.Connection{}, realtime.ErrUnknownConnection
	}
	c.Rooms = slices.Clone(c.Rooms)
	return c, nil
}

// live returns the members that have not expired, sorted by connection.
func (m *Memory) live(rows map[string]row) []realtime.Member {
	var members []realtime.Member
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if rows[id].expiresAt.After(m.now()) {
			members = append(members, rows[id].Member)
		}
	}
	return members
}

// put notes a connection under a room or a user.
func put(groups map[string]map[string]row, group string, c realtime.Connection) {
	if groups[group] == nil {
		groups[group] = map[string]row{}
	}
	groups[group][c.ID] = row{
		Member:    realtime.Member{ConnectionID: c.ID, UserID: c.UserID, ConnectedAt: c.ConnectedAt},
		expiresAt: c.ExpiresAt,
	}
}
