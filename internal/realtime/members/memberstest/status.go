package memberstest

import (
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var statusTests = storetest.Cases[*storeTest]{
	"status is stored and replaced":            testStatus,
	"SetStatus replaces a part of the status":  testSetStatus,
	"only members have a status":               testNotMember,
	"a status is a room's own":                 testStatusApart,
	"status expires with its connection":       testStatusExpiry,
	"refresh brings back no member who leaves": testSetStatusAndLeave,
}

// heartbeat is a time until which a member counts as present.
var heartbeat = storetest.Noon.Add(90 * time.Second).Truncate(time.Second)

func testStatus(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.wantStatus("c1", "lobby", members.Status{})
	for _, st := range []members.Status{
		{Established: true},
		{Established: true, AckedSeq: 1 << 53, PresentUntil: heartbeat},
		{AckedSeq: 1},
		{PresentUntil: heartbeat.Add(time.Second)},
		{},
	} {
		s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", 0), st, members.JoinConditions{}))
		s.wantStatus("c1", "lobby", st)
	}
	// A second attempt to store a connection changes nothing, however late it is applied.
	s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", 0), members.Status{Established: true, AckedSeq: 7}, members.JoinConditions{}))
	s.connect(NewConnection("c1", "ada", "lobby"))
	s.wantStatus("c1", "lobby", members.Status{Established: true, AckedSeq: 7})
}

func testSetStatus(s *storeTest) {
	s.connect(NewConnection("c1", "ada", "lobby"))
	for _, established := range []bool{true, false} {
		s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", 0), members.Status{Established: established, AckedSeq: 3}, members.JoinConditions{}))
		for _, st := range []members.Status{
			{AckedSeq: 5, PresentUntil: heartbeat},
			{AckedSeq: 4}, // also lower, and to none
			{PresentUntil: heartbeat},
			{AckedSeq: 9, Established: !established}, // which SetStatus does not change
		} {
			s.Must(s.Connections.SetStatus(s.Context(), "c1", In("lobby", 0), st))
			st.Established = established
			s.wantStatus("c1", "lobby", st)
		}
	}
}

func testNotMember(s *storeTest) {
	s.wantNotMember("c1", "lobby")
	s.connect(NewConnection("c1", "ada", "tea"))
	s.connect(NewConnection("c2", "bob", "lobby"))
	s.wantNotMember("c1", "lobby")
	s.wantMembers("lobby", "c2")

	s.Must(s.Connections.Leave(s.Context(), "c1", "tea"))
	s.wantNotMember("c1", "tea")
	c2, err := s.Connections.Connection(s.Context(), "c2")
	s.Must(err)
	s.Must(s.Connections.Remove(s.Context(), c2))
	s.wantNotMember("c2", "lobby")
	s.wantMembers("lobby")
	s.wantMembers("tea")
}

func testStatusApart(s *storeTest) {
	rooms := []string{"a", "a#0", "a#0#c1", "a#0#0"}
	s.connect(NewConnection("c1", "ada"))
	for i, room := range rooms {
		s.Must(s.Connections.Join(s.Context(), "c1", In(room, 0), members.Status{AckedSeq: int64(i + 1)}, members.JoinConditions{}))
	}
	s.connect(NewConnection("c2", "bob", rooms...))
	s.Must(s.Connections.SetStatus(s.Context(), "c1", In("a", 0), members.Status{AckedSeq: 9}))
	for i, room := range rooms {
		want := members.Status{AckedSeq: int64(i + 1)}
		if room == "a" {
			want.AckedSeq = 9
		}
		s.wantStatus("c1", room, want)
		s.wantStatus("c2", room, members.Status{})
	}
	// A user's list has no status.
	all, err := s.Connections.OfUser(s.Context(), "ada")
	s.Must(err)
	if len(all) != 1 || all[0].Status != (members.Status{}) {
		s.Errorf("connections of ada: got %+v", all)
	}
}

func testStatusExpiry(s *storeTest) {
	c := NewConnection("c1", "ada")
	s.connect(c)
	st := members.Status{Established: true, AckedSeq: 3, PresentUntil: heartbeat}
	s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", 0), st, members.JoinConditions{}))
	// An absent member is still a member.
	s.Now = c.ExpiresAt.Add(-time.Millisecond)
	s.wantStatus("c1", "lobby", st)
	s.Must(s.Connections.SetStatus(s.Context(), "c1", In("lobby", 0), st))

	s.Now = c.ExpiresAt
	s.wantNotMember("c1", "lobby")
	s.wantMembers("lobby")
}

func testSetStatusAndLeave(s *storeTest) {
	s.connect(NewConnection("c1", "ada"))
	for range 10 {
		s.Must(s.Connections.Join(s.Context(), "c1", In("lobby", 0), members.Status{}, members.JoinConditions{}))
		storetest.Concurrently(4, func(i int) {
			if i == 0 {
				if err := s.Connections.Leave(s.Context(), "c1", "lobby"); err != nil {
					s.Error(err)
				}
				return
			}
			err := s.Connections.SetStatus(s.Context(), "c1", In("lobby", 0), members.Status{AckedSeq: int64(i)})
			if err != nil && !errors.Is(err, members.ErrNotMember) {
				s.Error(err)
			}
		})
		s.wantNotMember("c1", "lobby")
		s.wantMembers("lobby")
	}
}

// wantStatus compares the status of a member in every place where the room lists it.
func (s *storeTest) wantStatus(connectionID, roomID string, want members.Status) {
	s.Helper()
	one, err := s.Connections.Member(s.Context(), connectionID, In(roomID, 0))
	s.Must(err)
	members, err := s.Connections.Members(s.Context(), roomID, 0, 0)
	s.Must(err)
	c, err := s.Connections.Connection(s.Context(), connectionID)
	if err == nil && (one.UserID != c.UserID || !one.ConnectedAt.Equal(c.ConnectedAt)) {
		s.Errorf("member %s of %s: got %+v, want it to be %+v", connectionID, roomID, one, c)
	}
	for _, m := range append(members, one) {
		if m.ConnectionID == connectionID && !sameStatus(m.Status, want) {
			s.Errorf("status of %s in %s: got %+v, want %+v", connectionID, roomID, m.Status, want)
		}
	}
}

func (s *storeTest) wantNotMember(connectionID, roomID string) {
	s.Helper()
	if m, err := s.Connections.Member(s.Context(), connectionID, In(roomID, 0)); !errors.Is(err, members.ErrNotMember) {
		s.Errorf("member %s of %s: got %+v, %v, want ErrNotMember", connectionID, roomID, m, err)
	}
	err := s.Connections.SetStatus(s.Context(), connectionID, In(roomID, 0), members.Status{AckedSeq: 1, PresentUntil: heartbeat})
	if !errors.Is(err, members.ErrNotMember) {
		s.Errorf("refresh %s in %s: got %v, want ErrNotMember", connectionID, roomID, err)
	}
}

func sameStatus(a, b members.Status) bool {
	return a.Established == b.Established && a.AckedSeq == b.AckedSeq && a.PresentUntil.Equal(b.PresentUntil)
}
