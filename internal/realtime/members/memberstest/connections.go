package memberstest

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var connectionTests = storetest.Cases[*storeTest]{
	"connection is stored and removed":                      testLifecycle,
	"connecting twice is connecting once":                   testConnectTwice,
	"unknown connection":                                    testUnknown,
	"names keep apart":                                      testNames,
	"join and leave":                                        testJoinLeave,
	"join of an unknown connection leaves nothing behind":   testJoinUnknown,
	"joins at the same time":                                testJoinsConcurrently,
	"removing with more rooms than one batch holds":         testManyRooms,
	"limit of members":                                      testLimit,
	"expired rows do not count":                             testExpiry,
	"a connection has no more rooms than it may":            testMaxRooms,
	"joins at the same time keep to the rooms there may be": testMaxRoomsConcurrently,
	"connections list their slots":                          testSlotsListed,
}

func testLifecycle(s *storeTest) {
	want := NewConnection("c1", "ada", "lobby")
	s.connect(want)
	s.connect(NewConnection("c2", "ada"))

	got, err := s.Connections.Connection(s.Context(), "c1")
	s.Must(err)
	if !got.ConnectedAt.Equal(want.ConnectedAt) || !got.ExpiresAt.Equal(want.ExpiresAt) {
		s.Errorf("times: got %v and %v, want %v and %v", got.ConnectedAt, got.ExpiresAt, want.ConnectedAt, want.ExpiresAt)
	}
	got.ConnectedAt, got.ExpiresAt = want.ConnectedAt, want.ExpiresAt
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got %+v, want %+v", got, want)
	}
	members, err := s.Connections.Members(s.Context(), "lobby", 0, 0)
	s.Must(err)
	if len(members) != 1 || members[0].UserID != "ada" || !members[0].ConnectedAt.Equal(storetest.Noon) {
		s.Errorf("members of lobby: got %+v", members)
	}
	s.wantRooms("c2")
	s.wantOfUser("ada", "c1", "c2")

	s.Must(s.Connections.Remove(s.Context(), got))
	s.Must(s.Connections.Remove(s.Context(), got))
	s.wantUnknown("c1")
	s.wantMembers("lobby")
	s.wantOfUser("ada", "c2")
}

func testConnectTwice(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.wantMembers("lobby", "c1")
	s.wantOfUser("ada", "c1")
}

func testUnknown(s *storeTest) {
	s.wantUnknown("c1")
	s.wantMembers("lobby")
	s.wantOfUser("ada")
}

func testNames(s *storeTest) {
	names := []string{"a", "a#0", "a#0#0", "HEAD", " ", "😀", strings.Repeat("é", 128)}
	for i, name := range names {
		s.connect(NewConnection(fmt.Sprintf("c%d=", i), name, name))
	}
	for i, name := range names {
		s.wantMembers(name, fmt.Sprintf("c%d=", i))
		s.wantOfUser(name, fmt.Sprintf("c%d=", i))
	}
}

func testJoinLeave(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	for range 2 {
		s.join("c1", In("tea", 0))
		s.wantRooms("c1", "lobby", "tea")
		s.wantMembers("tea", "c1")
	}
	members, err := s.Connections.Members(s.Context(), "tea", 0, 0)
	s.Must(err)
	if len(members) != 1 || members[0].UserID != "ada" || !members[0].ConnectedAt.Equal(storetest.Noon) {
		s.Errorf("members of tea: got %+v", members)
	}
	for range 2 {
		s.Must(s.Connections.Leave(s.Context(), "c1", "lobby"))
		s.wantRooms("c1", "tea")
		s.wantMembers("lobby")
	}
	s.Must(s.Connections.Leave(s.Context(), "c1", "tea"))
	s.wantRooms("c1")
	s.join("c1", In("tea", 0))
	s.wantRooms("c1", "tea")
}

func testJoinUnknown(s *storeTest) {
	if err := s.Connections.Join(s.Context(), "c1", In("lobby", 0), members.Status{}, members.JoinConditions{}); !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("join: got %v, want ErrUnknownConnection", err)
	}
	s.Must(s.Connections.Leave(s.Context(), "c1", "lobby"))
	s.wantUnknown("c1")
	s.wantMembers("lobby")
}

func testJoinsConcurrently(s *storeTest) {
	s.connect(NewConnection("c1", "ada"))
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("room-%d", i))
	}
	storetest.Concurrently(len(want), func(i int) {
		if err := s.Connections.Join(s.Context(), "c1", In(want[i], 0), members.Status{}, members.JoinConditions{}); err != nil {
			s.Error(err)
		}
	})
	s.wantRooms("c1", want...)
}

func testManyRooms(s *storeTest) {
	var rooms []string
	for i := range 60 {
		rooms = append(rooms, fmt.Sprintf("room-%02d", i))
	}
	c := NewConnection("c1", "ada", rooms...)
	s.connect(c)
	s.wantRooms("c1", rooms...)
	s.Must(s.Connections.Remove(s.Context(), c))
	for _, room := range rooms {
		s.wantMembers(room)
	}
	s.wantUnknown("c1")
	s.wantOfUser("ada")
}

func testLimit(s *storeTest) {
	for i := range 9 {
		s.connect(NewConnection(fmt.Sprintf("c%d", i), "ada", "lobby"))
	}
	for limit, want := range map[int]int{0: 9, 1: 1, 5: 5, 9: 9, 20: 9} {
		members, err := s.Connections.Members(s.Context(), "lobby", 0, limit)
		s.Must(err)
		if len(members) != want {
			s.Errorf("limit %d: got %d members, want %d", limit, len(members), want)
		}
	}
}

func testExpiry(s *storeTest) {
	for i := range 5 {
		old := NewConnection(fmt.Sprintf("a%d", i), "ada", "lobby")
		old.ExpiresAt = old.ExpiresAt.Add(-time.Hour)
		s.connect(old)
	}
	s.connect(NewConnection("b1", "ada", "lobby"))
	s.Now = storetest.Noon.Add(members.ConnectionLifetime - time.Minute)
	s.wantUnknown("a1")
	s.wantMembers("lobby", "b1")
	s.wantOfUser("ada", "b1")
	// The limit counts members that have not expired, not the rows that were read.
	all, err := s.Connections.Members(s.Context(), "lobby", 0, 1)
	s.Must(err)
	s.wantIDs("first member of lobby", all, []string{"b1"})
	if err := s.Connections.Join(s.Context(), "a1", In("tea", 0), members.Status{}, members.JoinConditions{}); !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("join: got %v, want ErrUnknownConnection", err)
	}

	s.Now = storetest.Noon.Add(members.ConnectionLifetime + time.Second)
	s.wantMembers("lobby")
}

func testMaxRooms(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "one"))
	join := func(room string, shard, most int) error {
		return s.Connections.Join(s.Context(), "c1", In(room, shard), members.Status{}, members.JoinConditions{MaxRooms: most})
	}
	s.Must(join("two", 0, 2))
	if err := join("three", 0, 2); !errors.Is(err, members.ErrTooManyRooms) {
		s.Errorf("a third room: got %v, want ErrTooManyRooms", err)
	}
	s.wantMembers("three")
	for shard := range 2 {
		s.Must(join("two", shard, 2))
		s.Must(join("two", shard, 1)) // it is in that room already
	}
	s.wantMemberships("c1", In("one", 0), In("two", 1))
	s.Must(join("three", 0, 3))
	s.Must(s.Connections.Leave(s.Context(), "c1", "one"))
	s.Must(join("four", 0, 3))
	if err := s.Connections.Join(s.Context(), "c2", In("one", 0), members.Status{}, members.JoinConditions{MaxRooms: 1}); !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("an unknown connection: got %v", err)
	}
}

func testMaxRoomsConcurrently(s *storeTest) {
	const most = 4
	s.connect(NewConnection("c1", "ada"))
	storetest.Concurrently(2*most, func(i int) {
		err := s.Connections.Join(s.Context(), "c1", In(fmt.Sprint("room-", i), 0), members.Status{}, members.JoinConditions{MaxRooms: most})
		if err != nil && !errors.Is(err, members.ErrTooManyRooms) {
			s.Error(err)
		}
	})
	c, err := s.Connections.Connection(s.Context(), "c1")
	s.Must(err)
	if len(c.Rooms) != most {
		s.Errorf("in %d rooms, want %d", len(c.Rooms), most)
	}
}
