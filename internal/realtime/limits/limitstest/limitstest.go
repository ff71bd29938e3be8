// Package limitstest has token buckets and slots in memory, and the tests that every
// implementation of [limits.Buckets] and [limits.Slots] passes.
package limitstest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// Store is what is tested.
type Store struct {
	Buckets limits.Buckets
	Slots   limits.Slots
}

// TestStore tests buckets and slots. newStore returns empty ones with a clock.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) Store) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Store: newStore(t.T, t.Clock)}
	}, bucketTests, slotTests)
}

// storeTest is one test with its store.
type storeTest struct {
	*storetest.T
	Store
}
