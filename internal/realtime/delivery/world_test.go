package delivery_test

import (
	"testing"
	"testing/synctest"
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

// bubble runs a test with a world whose clock is the bubble's.
func bubble(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(newWorldAt(t, time.Now)) })
}
