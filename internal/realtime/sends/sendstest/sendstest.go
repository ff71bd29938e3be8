// Package sendstest has a memory of sends, and the tests that every implementation of
// [sends.Store] passes.
package sendstest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// TestStore tests a store. newStore returns an empty one with a clock.
func TestStore(t *testing.T, newStore func(t *testing.T, now func() time.Time) sends.Store) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Sends: newStore(t.T, t.Clock)}
	}, sendTests)
}

// storeTest is one test with its store.
type storeTest struct {
	*storetest.T
	Sends sends.Store
}
