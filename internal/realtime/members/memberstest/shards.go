package memberstest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var shardTests = storetest.Cases[*storeTest]{
	"members are in the shard they joined":                             testShards,
	"join moves to another shard":                                      testShardMove,
	"a member is in the shard that it lists, despite concurrent moves": testShardMovesConcurrently,
	"a member is seen in one shard at least while it moves":            testSeenWhileMoving,
	"leave from whatever shard":                                        testLeaveShard,
	"drop a member":                                                    testDropMember,
	"removing leaves no shard":                                         testRemoveShards,
	"rooms in other shards by names like paths":                        testShardsOfNames,
	"expired rows are not counted":                                     testCountExpiry,
}

func testShards(s *storeTest) {
	c := NewConnection("c1", "ada", "tea")
	c.Rooms = append(c.Rooms, In("lobby", 12))
	s.connect(c)
	s.connect(NewConnection("c2", "bob"))
	s.join("c2", In("lobby", 1))
	s.join("c2", In("tea", 12))

	s.wantMemberships("c1", In("lobby", 12), In("tea", 0))
	s.wantMemberships("c2", In("lobby", 1), In("tea", 12))
	for shard, want := range map[int][]string{0: nil, 1: {"c2"}, 2: nil, 12: {"c1"}} {
		s.wantIn(In("lobby", shard), want...)
	}
	s.wantIn(In("tea", 0), "c1")
	s.wantIn(In("tea", 12), "c2")

	// The member is not found in another shard.
	st := members.Status{AckedSeq: 3, PresentUntil: heartbeat}
	s.Must(s.Connections.SetStatus(s.Context(), "c2", In("lobby", 1), st))
	m, err := s.Connections.Member(s.Context(), "c2", In("lobby", 1))
	s.Must(err)
	if m.UserID != "bob" || !sameStatus(m.Status, st) {
		s.Errorf("got %+v", m)
	}
	s.wantNotIn("c2", In("lobby", 0))
	s.wantNotIn("c2", In("lobby", 12))
	s.wantNotIn("c1", In("lobby", 1))
}

func testShardMove(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby", "tea"))
	st := members.Status{Established: true, AckedSeq: 7}
	for from, to := range []int{3, 3, 1, 0, 20} {
		s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", to), st, members.JoinConditions{}))
		s.wantMemberships("c1", In("lobby", to), In("tea", 0))
		for _, shard := range []int{0, 1, 3, 20} {
			if shard == to {
				s.wantIn(In("lobby", shard), "c1")
			} else {
				s.wantNotIn("c1", In("lobby", shard))
				s.wantIn(In("lobby", shard))
			}
		}
		m, err := s.Connections.Member(s.Context(), "c1", In("lobby", to))
		s.Must(err)
		if m.UserID != "ada" || !m.ConnectedAt.Equal(storetest.Noon) || m.Status != st {
			s.Errorf("move %d: got %+v", from, m)
		}
	}
	s.wantMembers("tea", "c1")
}

func testShardMovesConcurrently(s *storeTest) {
	s.connect(NewConnection("c1", "ada"))
	s.join("c1", In("lobby", 9))
	for range 5 {
		storetest.Concurrently(4, func(shard int) {
			err := s.Connections.Join(s.Context(), "c1", In("lobby", shard), members.Status{}, members.JoinConditions{})
			if err != nil {
				s.Error(err)
			}
		})
		c, err := s.Connections.Connection(s.Context(), "c1")
		s.Must(err)
		if len(c.Rooms) != 1 {
			s.Fatalf("memberships: got %v, want one", c.Rooms)
		}
		_, err = s.Connections.Member(s.Context(), "c1", c.Rooms[0])
		s.Must(err)
	}
}

func testSeenWhileMoving(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	const moves = 20
	storetest.Concurrently(2, func(i int) {
		for n := range moves {
			if i == 0 {
				if err := s.Connections.Join(s.Context(), "c1", In("lobby", n+1), members.Status{}, members.JoinConditions{}); err != nil {
					s.Error(err)
				}
				continue
			}
			// Upwards, as it moves: it cannot get past.
			seen := false
			for shard := range moves + 1 {
				members, err := s.Connections.Members(s.Context(), "lobby", shard, 0)
				if err != nil {
					s.Error(err)
				}
				seen = seen || len(members) == 1
			}
			if !seen {
				s.Error("a member was in no shard while it moved")
			}
		}
	})
	s.wantIn(In("lobby", moves), "c1")
}

func testLeaveShard(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.connect(NewConnection("c2", "ada", "lobby"))
	s.join("c1", In("tea", 7))
	s.join("c1", In("lobby", 2))
	s.join("c2", In("lobby", 2))
	for range 2 {
		s.Must(s.Connections.Leave(s.Context(), "c1", "lobby"))
		s.wantMemberships("c1", In("tea", 7))
		s.wantIn(In("lobby", 2), "c2")
		s.wantNotIn("c1", In("lobby", 2))
	}
	s.Must(s.Connections.Leave(s.Context(), "c1", "tea"))
	s.wantMemberships("c1")
	s.wantIn(In("tea", 7))
}

func testDropMember(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.connect(NewConnection("c2", "ada", "lobby"))
	s.join("c1", In("lobby", 2))
	s.join("c2", In("lobby", 2))
	s.Must(s.Connections.DropMember(s.Context(), "c1", In("lobby", 0)))
	s.wantIn(In("lobby", 2), "c1", "c2")
	for range 2 {
		s.Must(s.Connections.DropMember(s.Context(), "c1", In("lobby", 2)))
		s.wantIn(In("lobby", 2), "c2")
		s.wantMemberships("c1", In("lobby", 2))
	}
}

func testRemoveShards(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "tea"))
	for shard := range 30 {
		s.join("c1", In(fmt.Sprintf("room-%02d", shard), shard))
	}
	c, err := s.Connections.Connection(s.Context(), "c1")
	s.Must(err)
	if len(c.Rooms) != 31 {
		s.Errorf("got %d memberships, want 31", len(c.Rooms))
	}
	s.Must(s.Connections.Remove(s.Context(), c))
	for _, m := range c.Rooms {
		s.wantIn(m)
	}
	s.wantUnknown("c1")
	s.wantOfUser("ada")
}

func testShardsOfNames(s *storeTest) {
	s.connect(NewConnection("c1", "ada"))
	names := []string{" ", "#rooms", ":room", "HEAD", "a", "a#0", "a#1", "a.b", "a[0]", "rooms", "😀"}
	var want []members.Membership
	for i, name := range names {
		want = append(want, In(name, i))
		s.join("c1", want[i])
	}
	s.wantMemberships("c1", want...)
	for i, m := range want {
		s.wantIn(m, "c1")
		s.Must(s.Connections.Leave(s.Context(), "c1", m.RoomID))
		s.wantIn(m)
		s.wantMemberships("c1", want[i+1:]...)
	}
}

func testCountExpiry(s *storeTest) {
	for i := range 5 {
		c := NewConnection(fmt.Sprintf("c%d", i), "ada")
		c.Rooms = []members.Membership{In("lobby", 1)}
		c.ExpiresAt = c.ExpiresAt.Add(time.Duration(-i) * time.Hour)
		s.connect(c)
	}
	all := []string{"c0", "c1", "c2", "c3", "c4"}
	for _, now := range []struct {
		at    time.Time
		count int
	}{
		{storetest.Noon.Add(-3 * time.Hour), 5},
		{storetest.Noon.Add(time.Minute), 3},
		{storetest.Noon.Add(members.ConnectionLifetime - time.Hour + time.Second), 1},
		{storetest.Noon.Add(members.ConnectionLifetime), 0},
	} {
		s.Now = now.at
		s.wantIn(In("lobby", 1), all[:now.count]...)
	}
}

// wantNotIn checks that a connection is not in a shard of a room.
func (s *storeTest) wantNotIn(connectionID string, m members.Membership) {
	s.Helper()
	if got, err := s.Connections.Member(s.Context(), connectionID, m); !errors.Is(err, members.ErrNotMember) {
		s.Errorf("member %s in %v: got %+v, %v, want ErrNotMember", connectionID, m, got, err)
	}
	err := s.Connections.SetStatus(s.Context(), connectionID, m, members.Status{AckedSeq: 1})
	if !errors.Is(err, members.ErrNotMember) {
		s.Errorf("refresh %s in %v: got %v, want ErrNotMember", connectionID, m, err)
	}
	all, err := s.Connections.Members(s.Context(), m.RoomID, m.Shard, 0)
	s.Must(err)
	if slices.ContainsFunc(all, func(m members.Member) bool { return m.ConnectionID == connectionID }) {
		s.Errorf("%s is listed in %v", connectionID, m)
	}
}
