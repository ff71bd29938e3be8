// Package memberstest has connections and memberships in memory, and the tests that every
// implementation of the ports of package members passes. [Memory] also implements the
// ports of package session, whose tests are in package sessiontest.
package memberstest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// Connections keeps connections and memberships.
type Connections interface {
	members.Connections
	members.Admissions
	members.Joins
	members.Strays
	members.Statuses
	members.Lists
	members.Counts
	members.Users
}

// Store is what is tested together: a connection lists its slots, and its end frees
// them.
type Store struct {
	Connections Connections
	Slots       limits.Slots
}

// TestStore tests a store. newStore returns an empty one with a clock.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) Store) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Store: newStore(t.T, t.Clock)}
	}, connectionTests, shardTests, statusTests)
}

// storeTest is one test with its store.
type storeTest struct {
	*storetest.T
	Store
}

// NewConnection returns a connection of a user that was made at noon, in shard 0 of
// rooms.
func NewConnection(id, userID string, rooms ...string) members.Connection {
	c := members.Connection{
		ID: id, UserID: userID, IP: "192.0.2.1",
		ConnectedAt: storetest.Noon, ExpiresAt: storetest.Noon.Add(members.ConnectionLifetime).Truncate(time.Second),
	}
	for _, room := range rooms {
		c.Rooms = append(c.Rooms, In(room, 0))
	}
	return c
}

// In returns a membership.
func In(roomID string, shard int) members.Membership {
	return members.Membership{RoomID: roomID, Shard: shard}
}

func (s *storeTest) connect(c members.Connection) {
	s.Helper()
	s.Must(s.Connections.Connect(s.Context(), c))
}

// wantMembers compares the connections in shard 0 of a room.
func (s *storeTest) wantMembers(roomID string, want ...string) {
	s.Helper()
	s.wantIn(In(roomID, 0), want...)
}

// wantIn compares the connections in a shard of a room, and their number.
func (s *storeTest) wantIn(m members.Membership, want ...string) {
	s.Helper()
	members, err := s.Connections.Members(s.Context(), m.RoomID, m.Shard, 0)
	s.Must(err)
	s.wantIDs(fmt.Sprintf("members in shard %d of %s", m.Shard, m.RoomID), members, want)
	count, err := s.Connections.Count(s.Context(), m.RoomID, m.Shard)
	s.Must(err)
	if count != len(want) {
		s.Errorf("counted %d members in shard %d of %s, want %d", count, m.Shard, m.RoomID, len(want))
	}
}

// wantOfUser compares the connections of a user.
func (s *storeTest) wantOfUser(userID string, want ...string) {
	s.Helper()
	members, err := s.Connections.OfUser(s.Context(), userID)
	s.Must(err)
	s.wantIDs("connections of "+userID, members, want)
}

func (s *storeTest) wantIDs(what string, members []members.Member, want []string) {
	s.Helper()
	var got []string
	for _, m := range members {
		got = append(got, m.ConnectionID)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// wantRooms compares the rooms that a connection is in shard 0 of, and that it
// is nowhere else.
func (s *storeTest) wantRooms(id string, want ...string) {
	s.Helper()
	s.wantMemberships(id, NewConnection(id, "", want...).Rooms...)
}

// wantMemberships compares what a connection lists.
func (s *storeTest) wantMemberships(id string, want ...members.Membership) {
	s.Helper()
	c, err := s.Connections.Connection(s.Context(), id)
	s.Must(err)
	slices.SortFunc(c.Rooms, func(a, b members.Membership) int {
		return cmp.Or(strings.Compare(a.RoomID, b.RoomID), cmp.Compare(a.Shard, b.Shard))
	})
	if !slices.Equal(c.Rooms, want) {
		s.Errorf("memberships of %s: got %v, want %v", id, c.Rooms, want)
	}
}

// join makes a connection a member that says nothing about itself.
func (s *storeTest) join(id string, m members.Membership) {
	s.Helper()
	s.Must(s.Connections.Join(s.Context(), id, m, members.Status{}, members.JoinConditions{}))
}

func (s *storeTest) wantUnknown(id string) {
	s.Helper()
	if c, err := s.Connections.Connection(s.Context(), id); !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("connection %s: got %+v, %v, want ErrUnknownConnection", id, c, err)
	}
}
