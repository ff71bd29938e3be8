// Package roomlogtest has a log of rooms in memory, and the tests that every
// implementation of [roomlog.Log] and [members.Layouts] passes.
package roomlogtest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/storetest"
)

// Log is what is tested together: the head of a room holds its layout.
type Log interface {
	roomlog.Log
	members.Layouts
}

// TestLog tests a log. newLog returns an empty one with a clock.
func TestLog(t *testing.T, newLog func(t *testing.T, now func() time.Time) Log) {
	storetest.Run(t, func(t *storetest.T) *storeTest {
		return &storeTest{T: t, Log: newLog(t.T, t.Clock)}
	}, logTests, layoutTests, entryTests)
}

// storeTest is one test with its log.
type storeTest struct {
	*storetest.T
	Log Log
}
