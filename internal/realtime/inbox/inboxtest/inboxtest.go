// Package inboxtest has inboxes in memory, and the tests that every implementation of
// [inbox.Store] passes.
package inboxtest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// TestStore tests a store. newStore returns an empty one with a clock.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) inbox.Store) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Inboxes: newStore(t.T, t.Clock)}
	}, inboxTests, trimTests)
}

// storeTest is one test with its store.
type storeTest struct {
	*storetest.T
	Inboxes inbox.Store
}

const day = 24 * time.Hour
