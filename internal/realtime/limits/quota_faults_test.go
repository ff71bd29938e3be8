package limits_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// flaky slots fail now and then, before or after they carried out the call.
type flaky struct{ limits.Slots }

func (f flaky) Take(ctx context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	if rand.N(4) == 0 {
		return limits.Slot{}, realtimetest.ErrBroken
	}
	return f.Slots.Take(ctx, of, limit, connectionID, expiresAt)
}

// TestSlotsWithFaults connects and disconnects while calls fail, and compares the number of
// connections with the slots.
func TestSlotsWithFaults(t *testing.T) {
	t.Parallel()
	const limit = 20
	w := newWorld(t, func(o *realtimetest.Options) {
		o.Slots = flaky{o.Slots}
		o.Connections = &flakyRows{Memory: o.Connections.(*realtimetest.Memory)}
		o.Limits.ConnectionsPerIP = limit
	})
	var in atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			id := fmt.Sprint("c", i)
			if w.shake(id, "192.0.2.1", fmt.Sprint("user-", i%40), "") != nil {
				return
			}
			if n := in.Add(1); n > limit {
				t.Errorf("%d are in", n)
			}
			if i%3 == 0 {
				in.Add(-1)
				for errors.Is(w.Disconnect(t.Context(), id, time.Time{}), realtimetest.ErrBroken) {
				}
			}
		})
	}
	wg.Wait()
	w.WantSlots("IP#192.0.2.1", int(in.Load()))
}

// flakyRows fail now and then, before they carry out the call.
type flakyRows struct{ *realtimetest.Memory }

func (f *flakyRows) Connect(ctx context.Context, c members.Connection) error {
	if rand.N(4) == 0 {
		return realtimetest.ErrBroken
	}
	return f.Memory.Connect(ctx, c)
}

func (f *flakyRows) Remove(ctx context.Context, c members.Connection) error {
	if rand.N(4) == 0 {
		return realtimetest.ErrBroken
	}
	return f.Memory.Remove(ctx, c)
}
