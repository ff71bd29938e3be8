package cursors_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// world is the core on stores in memory.
type world struct{ *realtimetest.World }

func newWorld(t *testing.T, change ...func(*realtimetest.Options)) *world {
	t.Helper()
	return &world{realtimetest.NewWorld(t, change...)}
}

func newWorldAt(t *testing.T, now func() time.Time, change ...func(*realtimetest.Options)) *world {
	t.Helper()
	return &world{realtimetest.NewWorldAt(t, now, change...)}
}

// newSplit returns a world whose rooms split at two members, and are queued for from
// three members on.
func newSplit(t *testing.T, change ...func(*realtimetest.Options)) (*world, *realtimetest.Working) {
	t.Helper()
	w, q := realtimetest.NewSplit(t, change...)
	return &world{w}, q
}
