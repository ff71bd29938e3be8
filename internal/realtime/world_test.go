package realtime_test

import (
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// world is the core on stores in memory.
type world struct{ *realtimetest.World }

func newWorld(t *testing.T, change ...func(*realtimetest.Options)) *world {
	t.Helper()
	return &world{realtimetest.NewWorld(t, change...)}
}
