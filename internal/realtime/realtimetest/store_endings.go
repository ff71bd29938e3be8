package realtimetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

var endingTests = []storeCase{
	{"permissions and end are stored", testGrant},
	{"renewing replaces both", testRenew},
	{"renewing a connection that is not there", testRenewUnknown},
	{"renewing at the same time", testRenewAtOnce},
	{"endings lie in their minute", testEndings},
	{"endings are dropped and removed", testDropEnding},
	{"endings of many connections", testManyEndings},
}

// some are permissions that make use of everything.
var some = permission.Permissions{
	Rules: permission.Rules{Rooms: permission.Patterns{"team-*", "a\"<é>"}, Notify: permission.Patterns{"*"}},
	Deny:  permission.Rules{Send: permission.Patterns{"team-9"}},
}

// minute is a time at which a minute begins, after the connections were made.
var minute = noon.Truncate(time.Minute).Add(time.Hour)

func ending(id, userID string, endsAt time.Time) members.Connection {
	c := connection(id, userID)
	c.Permissions, c.TokenExpiresAt = some, endsAt
	return c
}

func testGrant(s *storeTest) {
	s.connect(ending("c1", "ada", minute))
	s.wantGrant("c1", some, minute)
	s.connect(connection("c2", "ada"))
	s.wantGrant("c2", permission.Permissions{}, time.Time{})
	// A member and a user's mention know nothing of it, and a join keeps it.
	s.join("c1", in("lobby", 0))
	s.wantGrant("c1", some, minute)
}

func testRenew(s *storeTest) {
	c := ending("c1", "ada", minute)
	c.Rooms = []members.Membership{in("lobby", 3)}
	s.connect(c)
	for _, id := range []session.Identity{
		{UserID: "ada", Permissions: permission.Default(), TokenExpiresAt: minute.Add(time.Hour)},
		{UserID: "ada", TokenExpiresAt: minute.Add(-time.Second)},
	} {
		got, err := s.Connections.Renew(s.Context(), "c1", id)
		s.must(err)
		if got.ID != "c1" || got.UserID != "ada" || !reflect.DeepEqual(got.Rooms, c.Rooms) || !got.TokenExpiresAt.Equal(id.TokenExpiresAt) ||
			!reflect.DeepEqual(got.Permissions, id.Permissions) || !got.ExpiresAt.Equal(c.ExpiresAt) {
			s.Errorf("renewed to %+v, want %+v of %+v", got, id, c)
		}
		s.wantGrant("c1", id.Permissions, id.TokenExpiresAt)
		s.wantEndings(id.TokenExpiresAt, "c1")
	}
	s.wantEndings(minute, "c1") // out of date, and noted still
}

func testRenewUnknown(s *storeTest) {
	s.connect(ending("c1", "ada", minute))
	for id, user := range map[string]string{"c1": "eve", "c2": "ada"} {
		_, err := s.Connections.Renew(s.Context(), id, session.Identity{UserID: user, TokenExpiresAt: minute.Add(time.Hour)})
		if !errors.Is(err, members.ErrUnknownConnection) {
			s.Errorf("renew %s of %s: got %v, want ErrUnknownConnection", id, user, err)
		}
	}
	s.wantGrant("c1", some, minute)
	s.wantUnknown("c2")
	s.now = noon.Add(members.ConnectionLifetime)
	_, err := s.Connections.Renew(s.Context(), "c1", session.Identity{UserID: "ada", TokenExpiresAt: s.now.Add(time.Hour)})
	if !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("renew one that has expired: got %v, want ErrUnknownConnection", err)
	}
}

// testRenewAtOnce checks that permissions and end are of the same token.
func testRenewAtOnce(s *storeTest) {
	s.connect(ending("c1", "ada", minute))
	atOnce(10, func(i int) {
		id := session.Identity{UserID: "ada", TokenExpiresAt: minute.Add(time.Duration(i+1) * time.Minute)}
		id.Permissions.Join = permission.Patterns{fmt.Sprint(i + 1)}
		if _, err := s.Connections.Renew(s.Context(), "c1", id); err != nil {
			s.Error(err)
		}
	})
	c, err := s.Connections.Connection(s.Context(), "c1")
	s.must(err)
	want := fmt.Sprint(int(c.TokenExpiresAt.Sub(minute) / time.Minute))
	if !slices.Equal(c.Permissions.Join, []string{want}) {
		s.Errorf("got the permissions %v and the end of %s", c.Permissions, want)
	}
	s.wantEndings(c.TokenExpiresAt, "c1")
}

func testEndings(s *storeTest) {
	s.connect(ending("c1", "ada", minute))
	s.connect(ending("c2", "ada", minute.Add(59*time.Second)))
	s.connect(ending("c3", "ada", minute.Add(time.Minute)))
	s.connect(ending("c4", "ada", minute.Add(-time.Second)))
	s.connect(connection("c5", "ada"))
	s.wantEndings(minute, "c1", "c2")
	s.wantEndings(minute.Add(59999*time.Millisecond), "c1", "c2")
	s.wantEndings(minute.Add(time.Minute), "c3")
	s.wantEndings(minute.Add(-time.Minute), "c4")
	s.wantEndings(minute.Add(time.Hour))
	// The last one of a minute counts.
	_, err := s.Connections.Renew(s.Context(), "c1", session.Identity{UserID: "ada", TokenExpiresAt: minute.Add(7 * time.Second)})
	s.must(err)
	endings, err := s.Connections.ListExpiries(s.Context(), minute)
	s.must(err)
	for _, e := range endings {
		if e.ConnectionID == "c1" && !e.ExpiresAt.Equal(minute.Add(7*time.Second)) {
			s.Errorf("c1 ends at %v, want 7 s after the minute", e.ExpiresAt)
		}
	}
	s.wantEndings(minute, "c1", "c2")
}

func testDropEnding(s *storeTest) {
	c := ending("c1", "ada", minute)
	s.connect(c)
	s.connect(ending("c2", "ada", minute))
	for range 2 {
		s.must(s.Connections.DropExpiry(s.Context(), session.TokenExpiry{ConnectionID: "c1", ExpiresAt: minute}))
		s.wantEndings(minute, "c2")
	}
	s.wantGrant("c1", some, minute)
	c2, err := s.Connections.Connection(s.Context(), "c2")
	s.must(err)
	s.must(s.Connections.Remove(s.Context(), c2))
	s.wantEndings(minute)
}

func testManyEndings(s *storeTest) {
	var want []string
	for i := range 100 {
		id := fmt.Sprintf("%02d=%s", i, strings.Repeat("x", i%7))
		s.connect(ending(id, "ada", minute.Add(time.Duration(i%60)*time.Second)))
		want = append(want, id)
	}
	s.wantEndings(minute, want...)
}

// wantGrant compares what a connection may do, and until when.
func (s *storeTest) wantGrant(id string, p permission.Permissions, endsAt time.Time) {
	s.Helper()
	c, err := s.Connections.Connection(s.Context(), id)
	s.must(err)
	if !reflect.DeepEqual(c.Permissions, p) || !c.TokenExpiresAt.Equal(endsAt) {
		s.Errorf("connection %s may %+v until %v, want %+v until %v", id, c.Permissions, c.TokenExpiresAt, p, endsAt)
	}
}

// wantEndings compares the connections that are noted to end in a minute.
func (s *storeTest) wantEndings(minute time.Time, want ...string) {
	s.Helper()
	endings, err := s.Connections.ListExpiries(s.Context(), minute)
	s.must(err)
	var got []string
	for _, e := range endings {
		got = append(got, e.ConnectionID)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.Errorf("endings in the minute of %v: got %q, want %q", minute, got, want)
	}
}
