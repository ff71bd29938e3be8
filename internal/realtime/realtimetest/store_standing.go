package realtimetest

import (
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

var standingTests = []storeCase{
	{"standing is stored and replaced", testStanding},
	{"refresh replaces a part of the standing", testRefresh},
	{"only members have a standing", testNotMember},
	{"standing is a room's own", testStandingApart},
	{"standing expires with its connection", testStandingExpiry},
	{"refresh brings back no member who leaves", testRefreshAndLeave},
}

// heartbeat is a time until which a member counts as present.
var heartbeat = noon.Add(90 * time.Second).Truncate(time.Second)

func testStanding(s *storeTest) {
	s.connect(connection("c1", "ada", "lobby"))
	s.wantStanding("c1", "lobby", members.Status{})
	for _, st := range []members.Status{
		{Established: true},
		{Established: true, AckedSeq: 1 << 53, PresentUntil: heartbeat},
		{AckedSeq: 1},
		{PresentUntil: heartbeat.Add(time.Second)},
		{},
	} {
		s.must(s.Connections.Join(s.Context(), "c1", in("lobby", 0), st, members.JoinConditions{}))
		s.wantStanding("c1", "lobby", st)
	}
	// A second attempt to store a connection changes nothing, however late it is
	// carried out.
	s.must(s.Connections.Join(s.Context(), "c1", in("lobby", 0), members.Status{Established: true, AckedSeq: 7}, members.JoinConditions{}))
	s.connect(connection("c1", "ada", "lobby"))
	s.wantStanding("c1", "lobby", members.Status{Established: true, AckedSeq: 7})
}

func testRefresh(s *storeTest) {
	s.connect(connection("c1", "ada", "lobby"))
	for _, established := range []bool{true, false} {
		s.must(s.Connections.Join(s.Context(), "c1", in("lobby", 0), members.Status{Established: established, AckedSeq: 3}, members.JoinConditions{}))
		for _, st := range []members.Status{
			{AckedSeq: 5, PresentUntil: heartbeat},
			{AckedSeq: 4}, // also back, and to none
			{PresentUntil: heartbeat},
			{AckedSeq: 9, Established: !established}, // which is not refreshed
		} {
			s.must(s.Connections.SetStatus(s.Context(), "c1", in("lobby", 0), st))
			st.Established = established
			s.wantStanding("c1", "lobby", st)
		}
	}
}

func testNotMember(s *storeTest) {
	s.wantNotMember("c1", "lobby")
	s.connect(connection("c1", "ada", "tea"))
	s.connect(connection("c2", "bob", "lobby"))
	s.wantNotMember("c1", "lobby")
	s.wantMembers("lobby", "c2")

	s.must(s.Connections.Leave(s.Context(), "c1", "tea"))
	s.wantNotMember("c1", "tea")
	c2, err := s.Connections.Connection(s.Context(), "c2")
	s.must(err)
	s.must(s.Connections.Remove(s.Context(), c2))
	s.wantNotMember("c2", "lobby")
	s.wantMembers("lobby")
	s.wantMembers("tea")
}

func testStandingApart(s *storeTest) {
	rooms := []string{"a", "a#0", "a#0#c1", "a#0#0"}
	s.connect(connection("c1", "ada"))
	for i, room := range rooms {
		s.must(s.Connections.Join(s.Context(), "c1", in(room, 0), members.Status{AckedSeq: int64(i + 1)}, members.JoinConditions{}))
	}
	s.connect(connection("c2", "bob", rooms...))
	s.must(s.Connections.SetStatus(s.Context(), "c1", in("a", 0), members.Status{AckedSeq: 9}))
	for i, room := range rooms {
		want := members.Status{AckedSeq: int64(i + 1)}
		if room == "a" {
			want.AckedSeq = 9
		}
		s.wantStanding("c1", room, want)
		s.wantStanding("c2", room, members.Status{})
	}
	// A user's list knows of no room.
	all, err := s.Connections.OfUser(s.Context(), "ada")
	s.must(err)
	if len(all) != 1 || all[0].Status != (members.Status{}) {
		s.Errorf("connections of ada: got %+v", all)
	}
}

func testStandingExpiry(s *storeTest) {
	c := connection("c1", "ada")
	s.connect(c)
	st := members.Status{Established: true, AckedSeq: 3, PresentUntil: heartbeat}
	s.must(s.Connections.Join(s.Context(), "c1", in("lobby", 0), st, members.JoinConditions{}))
	// Who is absent is a member still.
	s.now = c.ExpiresAt.Add(-time.Millisecond)
	s.wantStanding("c1", "lobby", st)
	s.must(s.Connections.SetStatus(s.Context(), "c1", in("lobby", 0), st))

	s.now = c.ExpiresAt
	s.wantNotMember("c1", "lobby")
	s.wantMembers("lobby")
}

func testRefreshAndLeave(s *storeTest) {
	s.connect(connection("c1", "ada"))
	for range 10 {
		s.must(s.Connections.Join(s.Context(), "c1", in("lobby", 0), members.Status{}, members.JoinConditions{}))
		atOnce(4, func(i int) {
			if i == 0 {
				if err := s.Connections.Leave(s.Context(), "c1", "lobby"); err != nil {
					s.Error(err)
				}
				return
			}
			err := s.Connections.SetStatus(s.Context(), "c1", in("lobby", 0), members.Status{AckedSeq: int64(i)})
			if err != nil && !errors.Is(err, members.ErrNotMember) {
				s.Error(err)
			}
		})
		s.wantNotMember("c1", "lobby")
		s.wantMembers("lobby")
	}
}

// wantStanding compares the standing of a member wherever the room lists it.
func (s *storeTest) wantStanding(connectionID, roomID string, want members.Status) {
	s.Helper()
	one, err := s.Connections.Member(s.Context(), connectionID, in(roomID, 0))
	s.must(err)
	members, err := s.Connections.Members(s.Context(), roomID, 0, 0)
	s.must(err)
	c, err := s.Connections.Connection(s.Context(), connectionID)
	if err == nil && (one.UserID != c.UserID || !one.ConnectedAt.Equal(c.ConnectedAt)) {
		s.Errorf("member %s of %s: got %+v, want it to be %+v", connectionID, roomID, one, c)
	}
	for _, m := range append(members, one) {
		if m.ConnectionID == connectionID && !sameStanding(m.Status, want) {
			s.Errorf("standing of %s in %s: got %+v, want %+v", connectionID, roomID, m.Status, want)
		}
	}
}

func (s *storeTest) wantNotMember(connectionID, roomID string) {
	s.Helper()
	if m, err := s.Connections.Member(s.Context(), connectionID, in(roomID, 0)); !errors.Is(err, members.ErrNotMember) {
		s.Errorf("member %s of %s: got %+v, %v, want ErrNotMember", connectionID, roomID, m, err)
	}
	err := s.Connections.SetStatus(s.Context(), connectionID, in(roomID, 0), members.Status{AckedSeq: 1, PresentUntil: heartbeat})
	if !errors.Is(err, members.ErrNotMember) {
		s.Errorf("refresh %s in %s: got %v, want ErrNotMember", connectionID, roomID, err)
	}
}

func sameStanding(a, b members.Status) bool {
	return a.Established == b.Established && a.AckedSeq == b.AckedSeq && a.PresentUntil.Equal(b.PresentUntil)
}
