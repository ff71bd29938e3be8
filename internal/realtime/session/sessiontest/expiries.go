package sessiontest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/members/memberstest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

var expiryTests = storetest.Cases[*storeTest]{
	"permissions and end are stored":          testIdentity,
	"renewing replaces both":                  testRenew,
	"renewing a connection that is not there": testRenewUnknown,
	"renewing at the same time":               testRenewConcurrently,
	"expiries lie in their minute":            testExpiries,
	"expiries are dropped and removed":        testDropExpiry,
	"expiries of many connections":            testManyExpiries,
}

// some are permissions that use every feature.
var some = permission.Permissions{
	Rules: permission.Rules{Rooms: permission.Patterns{"team-*", "a\"<é>"}, Notify: permission.Patterns{"*"}},
	Deny:  permission.Rules{Send: permission.Patterns{"team-9"}},
}

// minute is the start of a minute after the connections were made.
var minute = storetest.Noon.Truncate(time.Minute).Add(time.Hour)

func expiring(id, userID string, expiresAt time.Time) members.Connection {
	c := memberstest.NewConnection(id, userID)
	c.Permissions, c.TokenExpiresAt = some, expiresAt
	return c
}

func testIdentity(s *storeTest) {
	s.connect(expiring("c1", "ada", minute))
	s.wantIdentity("c1", some, minute)
	s.connect(memberstest.NewConnection("c2", "ada"))
	s.wantIdentity("c2", permission.Permissions{}, time.Time{})
	// Rows of members and users do not have it, and a join keeps it.
	s.join("c1", memberstest.In("lobby", 0))
	s.wantIdentity("c1", some, minute)
}

func testRenew(s *storeTest) {
	c := expiring("c1", "ada", minute)
	c.Rooms = []members.Membership{memberstest.In("lobby", 3)}
	s.connect(c)
	for _, id := range []session.Identity{
		{UserID: "ada", Permissions: permission.Default(), TokenExpiresAt: minute.Add(time.Hour)},
		{UserID: "ada", TokenExpiresAt: minute.Add(-time.Second)},
	} {
		got, err := s.Connections.Renew(s.Context(), "c1", id)
		s.Must(err)
		if got.ID != "c1" || got.UserID != "ada" || !reflect.DeepEqual(got.Rooms, c.Rooms) || !got.TokenExpiresAt.Equal(id.TokenExpiresAt) ||
			!reflect.DeepEqual(got.Permissions, id.Permissions) || !got.ExpiresAt.Equal(c.ExpiresAt) {
			s.Errorf("renewed to %+v, want %+v of %+v", got, id, c)
		}
		s.wantIdentity("c1", id.Permissions, id.TokenExpiresAt)
		s.wantExpiries(id.TokenExpiresAt, "c1")
	}
	s.wantExpiries(minute, "c1") // out of date, and still listed
}

func testRenewUnknown(s *storeTest) {
	s.connect(expiring("c1", "ada", minute))
	for id, user := range map[string]string{"c1": "eve", "c2": "ada"} {
		_, err := s.Connections.Renew(s.Context(), id, session.Identity{UserID: user, TokenExpiresAt: minute.Add(time.Hour)})
		if !errors.Is(err, members.ErrUnknownConnection) {
			s.Errorf("renew %s of %s: got %v, want ErrUnknownConnection", id, user, err)
		}
	}
	s.wantIdentity("c1", some, minute)
	s.wantUnknown("c2")
	s.Now = storetest.Noon.Add(members.ConnectionLifetime)
	_, err := s.Connections.Renew(s.Context(), "c1", session.Identity{UserID: "ada", TokenExpiresAt: s.Now.Add(time.Hour)})
	if !errors.Is(err, members.ErrUnknownConnection) {
		s.Errorf("renew one that has expired: got %v, want ErrUnknownConnection", err)
	}
}

// testRenewConcurrently checks that permissions and end are of the same token.
func testRenewConcurrently(s *storeTest) {
	s.connect(expiring("c1", "ada", minute))
	storetest.Concurrently(10, func(i int) {
		id := session.Identity{UserID: "ada", TokenExpiresAt: minute.Add(time.Duration(i+1) * time.Minute)}
		id.Permissions.Join = permission.Patterns{fmt.Sprint(i + 1)}
		if _, err := s.Connections.Renew(s.Context(), "c1", id); err != nil {
			s.Error(err)
		}
	})
	c, err := s.Connections.Connection(s.Context(), "c1")
	s.Must(err)
	want := fmt.Sprint(int(c.TokenExpiresAt.Sub(minute) / time.Minute))
	if !slices.Equal(c.Permissions.Join, []string{want}) {
		s.Errorf("got the permissions %v and the end of %s", c.Permissions, want)
	}
	s.wantExpiries(c.TokenExpiresAt, "c1")
}

func testExpiries(s *storeTest) {
	s.connect(expiring("c1", "ada", minute))
	s.connect(expiring("c2", "ada", minute.Add(59*time.Second)))
	s.connect(expiring("c3", "ada", minute.Add(time.Minute)))
	s.connect(expiring("c4", "ada", minute.Add(-time.Second)))
	s.connect(memberstest.NewConnection("c5", "ada"))
	s.wantExpiries(minute, "c1", "c2")
	s.wantExpiries(minute.Add(59999*time.Millisecond), "c1", "c2")
	s.wantExpiries(minute.Add(time.Minute), "c3")
	s.wantExpiries(minute.Add(-time.Minute), "c4")
	s.wantExpiries(minute.Add(time.Hour))
	// The last one of a minute counts.
	_, err := s.Connections.Renew(s.Context(), "c1", session.Identity{UserID: "ada", TokenExpiresAt: minute.Add(7 * time.Second)})
	s.Must(err)
	expiries, err := s.Connections.ListExpiries(s.Context(), minute)
	s.Must(err)
	for _, e := range expiries {
		if e.ConnectionID == "c1" && !e.ExpiresAt.Equal(minute.Add(7*time.Second)) {
			s.Errorf("c1 ends at %v, want 7 s after the minute", e.ExpiresAt)
		}
	}
	s.wantExpiries(minute, "c1", "c2")
}

func testDropExpiry(s *storeTest) {
	c := expiring("c1", "ada", minute)
	s.connect(c)
	s.connect(expiring("c2", "ada", minute))
	for range 2 {
		s.Must(s.Connections.DropExpiry(s.Context(), session.TokenExpiry{ConnectionID: "c1", ExpiresAt: minute}))
		s.wantExpiries(minute, "c2")
	}
	s.wantIdentity("c1", some, minute)
	c2, err := s.Connections.Connection(s.Context(), "c2")
	s.Must(err)
	s.Must(s.Connections.Remove(s.Context(), c2))
	s.wantExpiries(minute)
}

func testManyExpiries(s *storeTest) {
	var want []string
	for i := range 100 {
		id := fmt.Sprintf("%02d=%s", i, strings.Repeat("x", i%7))
		s.connect(expiring(id, "ada", minute.Add(time.Duration(i%60)*time.Second)))
		want = append(want, id)
	}
	s.wantExpiries(minute, want...)
}

// wantIdentity compares the permissions of a connection and when its token expires.
func (s *storeTest) wantIdentity(id string, p permission.Permissions, expiresAt time.Time) {
	s.Helper()
	c, err := s.Connections.Connection(s.Context(), id)
	s.Must(err)
	if !reflect.DeepEqual(c.Permissions, p) || !c.TokenExpiresAt.Equal(expiresAt) {
		s.Errorf("connection %s may %+v until %v, want %+v until %v", id, c.Permissions, c.TokenExpiresAt, p, expiresAt)
	}
}

// wantExpiries compares the connections whose tokens expire in a minute.
func (s *storeTest) wantExpiries(minute time.Time, want ...string) {
	s.Helper()
	expiries, err := s.Connections.ListExpiries(s.Context(), minute)
	s.Must(err)
	var got []string
	for _, e := range expiries {
		got = append(got, e.ConnectionID)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		s.Errorf("expiries in the minute of %v: got %q, want %q", minute, got, want)
	}
}
