// Package sessiontest has the tests that every implementation of the ports of package
// session passes. The one in memory is memberstest.Memory.
package sessiontest

import (
	"errors"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// Store is what is tested together: a renewal changes a connection, and a connection
// has a token expiry.
type Store interface {
	members.Connections
	members.Admissions
	members.Joins
	session.Expiries
	session.Renewals
}

// TestStore tests a store. newStore returns an empty one with a clock.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) Store) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Connections: newStore(t.T, t.Clock)}
	}, expiryTests)
}

// storeTest is one test with its store.
type storeTest struct {
	*storetest.T
	Connections Store
}

func (s *storeTest) connect(c members.Connection) {
	s.Helper()
	s.Must(s.Connections.Connect(s.Context(), c))
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
