package realtimetest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime"
)

// row is a member and how long it counts.
type row struct {
	realtime.Member
	expiresAt time.Time
}

// Connect implements [realtime.Connections].
func (m *Memory) Connect(_ context.Context, c realtime.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.connection(c.ID); err == nil {
		return nil
	}
	c.Rooms, c.Seats = slices.Clone(c.Rooms), slices.Clone(c.Seats)
	m.connections[c.ID] = c
	put(m.users, c.UserID, c, realtime.Standing{})
	m.note(c)
	for _, membership := range c.Rooms {
		put(m.rooms, membership, c, realtime.Standing{})
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
	delete(m.endings, keyOf(c.ID, c.EndsAt))
	for _, membership := range c.Rooms {
		delete(m.rooms[membership], c.ID)
	}
	for _, seat := range c.Seats {
		m.release(seat, c.ID)
	}
	return nil
}

// Join implements [realtime.Connections].
func (m *Memory) Join(_ context.Context, connectionID string, to realtime.Membership, st realtime.Standing, t realtime.Terms) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.connection(connectionID)
	if err != nil {
		return err
	}
	if t.Judged != nil && !bytes.Equal(permission.JSON(*t.Judged), permission.JSON(c.Permissions)) {
		return realtime.ErrRightsChanged
	}
	rooms := len(c.Rooms)
	m.leave(&c, to.RoomID)
	if t.MaxRooms > 0 && rooms >= t.MaxRooms && len(c.Rooms) == rooms { // and not in this one
		return realtime.ErrTooManyRooms
	}
	c.Rooms = append(c.Rooms, to)
	if t.Seat != (realtime.Seat{}) {
		c.Seats = append(without(c.Seats, t.Seat.Holder), t.Seat)
	}
	m.connections[connectionID] = c
	put(m.rooms, to, c, st)
	return nil
}

// Refresh implements [realtime.Connections].
func (m *Memory) Refresh(_ context.Context, connectionID string, in realtime.Membership, st realtime.Standing) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rooms[in][connectionID]
	if !ok || m.expired(r.expiresAt) {
		return realtime.ErrNotMember
	}
	r.Has, r.PresentUntil = st.Has, st.PresentUntil
	m.rooms[in][connectionID] = r
	return nil
}

// Member implements [realtime.Connections].
func (m *Memory) Member(_ context.Context, connectionID string, in realtime.Membership) (realtime.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rooms[in][connectionID]
	if !ok || m.expired(r.expiresAt) {
		return realtime.Member{}, realtime.ErrNotMember
	}
	return r.Member, nil
}

// Leave implements [realtime.Connections].
func (m *Memory) Leave(_ context.Context, connectionID, roomID string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, err := m.connection(connectionID); err == nil {
		if !slices.ContainsFunc(c.Rooms, func(in realtime.Membership) bool { return in.RoomID == roomID }) {
			delete(m.rooms[realtime.Membership{RoomID: roomID}], connectionID)
		}
		m.leave(&c, roomID)
		for _, seat := range c.Seats {
			if seat.Holder == realtime.HolderOfRoom(roomID) {
				m.release(seat, c.ID)
			}
		}
		c.Seats = without(c.Seats, realtime.HolderOfRoom(roomID))
		m.connections[connectionID] = c
	}
	return nil
}

// DropMember implements [realtime.Connections].
func (m *Memory) DropMember(_ context.Context, connectionID string, from realtime.Membership) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rooms[from], connectionID)
	return nil
}

// Stray makes a connection a member of a room that it does not list.
func (m *Memory) Stray(connectionID string, in realtime.Membership) {
	m.mu.Lock()
	defer m.mu.Unlock()
	put(m.rooms, in, m.connections[connectionID], realtime.Standing{})
}

// without returns the seats that are not among those of a holder.
func without(seats []realtime.Seat, of realtime.Holder) []realtime.Seat {
	return slices.DeleteFunc(seats, func(s realtime.Seat) bool { return s.Holder == of })
}

// leave ends a connection's membership of a room, in whatever shard it is.
func (m *Memory) leave(c *realtime.Connection, roomID string) {
	c.Rooms = slices.DeleteFunc(c.Rooms, func(in realtime.Membership) bool {
		if in.RoomID != roomID {
			return false
		}
		delete(m.rooms[in], c.ID)
		return true
	})
}

// Members implements [realtime.Connections].
func (m *Memory) Members(_ context.Context, roomID string, shard, limit int) ([]realtime.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	members := m.live(m.rooms[realtime.Membership{RoomID: roomID, Shard: shard}])
	if limit > 0 && len(members) > limit {
		members = members[:limit]
	}
	return members, nil
}

// Count implements [realtime.Connections].
func (m *Memory) Count(ctx context.Context, roomID string, shard int) (int, error) {
	members, err := m.Members(ctx, roomID, shard, 0)
	return len(members), err
}

// OfUser implements [realtime.Connections].
func (m *Memory) OfUser(_ context.Context, userID string) ([]realtime.Member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live(m.users[userID]), nil
}

func (m *Memory) connection(id string) (realtime.Connection, error) {
	c, ok := m.connections[id]
	if !ok || m.expired(c.ExpiresAt) {
		return realtime.Connection{}, realtime.ErrUnknownConnection
	}
	c.Rooms, c.Seats = slices.Clone(c.Rooms), slices.Clone(c.Seats)
	return c, nil
}

// live returns the members that have not expired, sorted by connection.
func (m *Memory) live(rows map[string]row) []realtime.Member {
	var members []realtime.Member
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		if !m.expired(rows[id].expiresAt) {
			members = append(members, rows[id].Member)
		}
	}
	return members
}

// put notes a connection under a room or a user.
func put[G comparable](groups map[G]map[string]row, group G, c realtime.Connection, st realtime.Standing) {
	if groups[group] == nil {
		groups[group] = map[string]row{}
	}
	groups[group][c.ID] = row{
		Member:    realtime.Member{ConnectionID: c.ID, UserID: c.UserID, ConnectedAt: c.ConnectedAt, Standing: st},
		expiresAt: c.ExpiresAt,
	}
}
