package realtimetest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Store is what is tested together.
type Store struct {
	Connections Connections
	Log         Log
	Sends       sends.Store
	Inboxes     inbox.Store
	Buckets     limits.Buckets
	Slots       limits.Slots
}

// noon is when the tests' connections were made.
var noon = time.UnixMilli(1_790_000_000_123)

// TestStore checks that stores do what package realtime says they do. newStore
// returns an empty one whose clock is now. The subtests run in parallel.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) Store) {
	tests := slices.Concat(connectionTests, endingTests, shardTests, standingTests, logTests, layoutTests, entryTests, sendTests, inboxTests, trimTests, rateTests, seatTests)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &storeTest{T: t, now: noon}
			s.Store = newStore(t, func() time.Time { return s.now })
			test.run(s)
		})
	}
}

// storeCase is one of the tests of a store.
type storeCase struct {
	name string
	run  func(s *storeTest)
}

// storeTest is one test with its store, its clock and its shorthands.
type storeTest struct {
	*testing.T
	Store
	now time.Time
}

// connection returns a connection of a user that was made at noon, in shard 0
// of rooms.
func connection(id, userID string, rooms ...string) members.Connection {
	c := members.Connection{
		ID: id, UserID: userID, IP: "192.0.2.1",
		ConnectedAt: noon, ExpiresAt: noon.Add(members.ConnectionLifetime).Truncate(time.Second),
	}
	for _, room := range rooms {
		c.Rooms = append(c.Rooms, in(room, 0))
	}
	return c
}

func in(roomID string, shard int) members.Membership {
	return members.Membership{RoomID: roomID, Shard: shard}
}

func (s *storeTest) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *storeTest) connect(c members.Connection) {
	s.Helper()
	s.must(s.Connections.Connect(s.Context(), c))
}

// atOnce calls do count times at the same time, with the numbers from 0.
func atOnce(count int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// wantMembers compares the connections in shard 0 of a room.
func (s *storeTest) wantMembers(roomID string, want ...string) {
	s.Helper()
	s.wantIn(in(roomID, 0), want...)
}

// wantIn compares the connections in a shard of a room, and their number.
func (s *storeTest) wantIn(m members.Membership, want ...string) {
	s.Helper()
	members, err := s.Connections.Members(s.Context(), m.RoomID, m.Shard, 0)
	s.must(err)
	s.wantIDs(fmt.Sprintf("members in shard %d of %s", m.Shard, m.RoomID), members, want)
	count, err := s.Connections.Count(s.Context(), m.RoomID, m.Shard)
	s.must(err)
	if count != len(want) {
		s.Errorf("counted %d members in shard %d of %s, want %d", count, m.Shard, m.RoomID, len(want))
	}
}

// wantOfUser compares the connections of a user.
func (s *storeTest) wantOfUser(userID string, want ...string) {
	s.Helper()
	members, err := s.Connections.OfUser(s.Context(), userID)
	s.must(err)
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
	s.wantMemberships(id, connection(id, "", want...).Rooms...)
}

// wantMemberships compares what a connection lists.
func (s *storeTest) wantMemberships(id string, want ...members.Membership) {
	s.Helper()
	c, err := s.Connections.Connection(s.Context(), id)
	s.must(err)
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
	s.must(s.Connections.Join(s.Context(), id, m, members.Status{}, members.JoinConditions{}))
}

func (s *storeTest) wantUnknown(id string) {
	s.Helper()
	if c, err := s.Connections.Connection(s.Context(), id); !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("connection %s: got %+v, %v, want ErrUnknownConnection", id, c, err)
	}
}
