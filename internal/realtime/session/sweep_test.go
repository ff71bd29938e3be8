package session_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// sweep closes expired connections, and compares which those were.
func (w *world) sweep(want ...string) {
	w.Helper()
	before := len(w.Poster.Closed())
	closed, err := w.Sweep(w.Context())
	if err != nil {
		w.Error(err)
	}
	if got := w.Poster.Closed(); closed != len(got)-before || !slices.Equal(got, want) {
		w.Errorf("closed %d, by now %q, want %q", closed, got, want)
	}
}

// wantExpiries counts the token expiries of the last minutes and the next hours.
func (w *world) wantExpiries(want int) {
	w.Helper()
	got := 0
	for minute := -130; minute < 130; minute++ {
		expiries, _ := w.Memory.ListExpiries(w.Context(), w.Now().Add(time.Duration(minute)*time.Minute))
		got += len(expiries)
	}
	if got != want {
		w.Errorf("%d token expiries are stored, want %d", got, want)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	at := func(d time.Duration) time.Time { return realtimetest.Noon.Add(d).Truncate(time.Second) }
	w.Admit("past", "ada", permission.Default(), at(-9*time.Minute), "lobby")
	w.Admit("just", "ada", permission.Default(), at(0), "lobby", "tea")
	w.Admit("soon", "ada", permission.Default(), at(4*time.Second))
	w.Admit("later", "ada", permission.Default(), at(20*time.Second), "lobby")
	w.Admit("long ago", "ada", permission.Default(), at(-3*time.Hour))
	w.Admit("never", "ada", permission.Everything(), time.Time{}, "lobby")
	w.sweep("just", "past", "soon")
	w.sweep("just", "past", "soon")
	if members, _ := w.Memory.Members(t.Context(), "lobby", 0, 0); len(members) != 2 {
		t.Errorf("in the lobby: %v, want later and never", members)
	}
	if c, err := w.Memory.Connection(t.Context(), "just"); err == nil {
		t.Errorf("just is still stored: %+v", c)
	}
	now = realtimetest.Noon.Add(time.Minute)
	w.sweep("just", "later", "past", "soon")
	now = realtimetest.Noon.Add(24 * time.Hour)
	w.sweep("just", "later", "past", "soon")
}

// slowExpiries answers for the last minutes only, until the caller gives up.
type slowExpiries struct {
	realtimetest.Connections
	now func() time.Time
}

func (s slowExpiries) ListExpiries(ctx context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	if s.now().Sub(minute) > 5*time.Minute {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return s.Connections.ListExpiries(ctx, minute)
}

// TestSweepWithoutTimeForAll has too little time for the first look back of a sandbox. It
// closes the connections that it found, and the error says that there may be more.
func TestSweepWithoutTimeForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAt(t, time.Now)
		w.Admit("just", "ada", permission.Default(), time.Now().Add(-2*time.Minute).Truncate(time.Second))
		w.Admit("long ago", "ada", permission.Default(), time.Now().Add(-30*time.Minute).Truncate(time.Second))
		slow := realtimetest.New(realtimetest.Options{
			Connections: slowExpiries{w.Memory, time.Now}, Poster: w.Poster, Logger: slog.New(slog.DiscardHandler),
		})
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		closed, err := slow.Sweep(ctx)
		if got := w.Poster.Closed(); closed != 1 || !slices.Equal(got, []string{"just"}) || err == nil {
			t.Errorf("closed %d, %q, with the error %v", closed, got, err)
		}
		w.sweep("just", "long ago") // with enough time
	})
}

// TestSweepAfterALongTime closes connections whose tokens expired while there was no sweep,
// whether the function is new, was frozen, or failed all the time.
func TestSweepAfterALongTime(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(-59*time.Minute).Truncate(time.Second))
	w.Admit("c2", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute).Truncate(time.Second))
	w.Poster.CloseFunc = func(context.Context, string) error { return delivery.ErrThrottled }
	w.sweep()
	w.Poster.CloseFunc = nil
	now = realtimetest.Noon.Add(30 * time.Second)
	w.sweep("c1")
	now = realtimetest.Noon.Add(50 * time.Minute)
	w.sweep("c1", "c2")
}

// TestSweepLooksBackALittle reads only a few minutes once nothing is left before them.
func TestSweepLooksBackALittle(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	var asked atomic.Int64
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) { o.Connections = askedMinutes{o.Connections, &asked} })
	for i, want := range []int64{126, 6, 6, 10} {
		asked.Store(0)
		w.sweep()
		if got := asked.Load(); got != want {
			t.Errorf("sweep %d read %d minutes, want %d", i, got, want)
		}
		now = realtimetest.Noon.Add([]time.Duration{time.Minute, 2 * time.Minute, 7 * time.Minute, 0}[i])
	}
}

// askedMinutes is a store that counts the minutes whose token expiries are read.
type askedMinutes struct {
	realtimetest.Connections
	asked *atomic.Int64
}

func (s askedMinutes) ListExpiries(ctx context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	s.asked.Add(1)
	return s.Connections.ListExpiries(ctx, minute)
}

// TestSweepSparesTheRefreshed drops a token expiry that is out of date once no refresh can be
// under way that would add it again.
func TestSweepSparesTheRefreshed(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second), "lobby")
	w.Admit("gone", "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second))
	if _, err := w.Memory.Renew(t.Context(), "c1", ada(permission.Default(), realtimetest.Noon.Add(30*time.Minute).Truncate(time.Second))); err != nil {
		t.Fatal(err)
	}
	if err := w.Memory.Remove(t.Context(), members.Connection{ID: "gone", UserID: "ada"}); err != nil {
		t.Fatal(err)
	}
	w.wantExpiries(3)
	w.sweep()
	w.wantExpiries(3)
	now = realtimetest.Noon.Add(time.Minute)
	w.sweep()
	w.wantExpiries(1)
	now = realtimetest.Noon.Add(30 * time.Minute)
	w.sweep("c1")
	w.wantExpiries(0)
}

// TestSweepGoesOn closes the other connections when some fail, and those later.
func TestSweepGoesOn(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	for i := range 60 {
		w.Admit(fmt.Sprintf("c%02d", i), "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second))
	}
	w.Poster.CloseFunc = func(_ context.Context, id string) error {
		switch id {
		case "c07":
			return delivery.ErrThrottled
		case "c08":
			return delivery.ErrGone // as good as closed
		}
		return nil
	}
	if closed, err := w.Sweep(t.Context()); closed != 59 || err != nil || len(w.Poster.Closed()) != 58 {
		t.Errorf("closed %d, %v", closed, err)
	}
	if log := w.Logged.String(); strings.Count(log, "could not close") != 1 || !strings.Contains(log, "connectionId=c07") {
		t.Errorf("logged %s", log)
	}
	w.wantExpiries(1)
	w.Poster.CloseFunc = nil
	now = realtimetest.Noon.Add(9 * time.Minute)
	if closed, err := w.Sweep(t.Context()); closed != 1 || err != nil {
		t.Errorf("closed %d, %v", closed, err)
	}
	w.wantExpiries(0)
}

// TestSweepOfTheYoung does not trust a 410 for a connection during its handshake.
func TestSweepOfTheYoung(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	c := members.Connection{
		ID: "c1", UserID: "ada", ConnectedAt: realtimetest.Noon, ExpiresAt: realtimetest.Noon.Add(time.Hour), TokenExpiresAt: realtimetest.Noon.Truncate(time.Second),
	}
	if err := w.Memory.Connect(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	w.Poster.CloseFunc = func(context.Context, string) error { return delivery.ErrGone }
	w.sweep()
	if _, err := w.Memory.Connection(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
	w.Poster.CloseFunc = nil
	now = realtimetest.Noon.Add(time.Minute)
	w.sweep("c1")
}

// TestSweepOverlaps runs concurrent sweeps and refreshes: each connection is either closed
// and forgotten, or refreshed and open.
func TestSweepOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 40 {
		w.Admit(fmt.Sprint(i), "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second), "lobby")
	}
	refreshed := make([]bool, 40)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := w.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 40 {
		wg.Go(func() {
			got := w.RefreshToken(t.Context(), fmt.Sprint(i), protocol.Refresh{}, proves(ada(permission.Default(), realtimetest.Noon.Add(time.Hour))))
			refreshed[i] = realtimetest.Code(got) == ""
		})
	}
	wg.Wait()
	closed := w.Poster.Closed()
	for i := range 40 {
		_, err := w.Memory.Connection(t.Context(), fmt.Sprint(i))
		if there := err == nil; there == slices.Contains(closed, fmt.Sprint(i)) || there && !refreshed[i] {
			t.Errorf("connection %d: there %t, refreshed %t, closed %t", i, there, refreshed[i], !there)
		}
	}
}

// TestSweepWithoutTime starts nothing when its time is up, and returns an error.
func TestSweepWithoutTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // less than is left for the end
	defer cancel()
	if closed, err := w.Sweep(ctx); closed != 0 || err == nil || len(w.Poster.Closed()) != 0 {
		t.Errorf("closed %d, %v", closed, err)
	}
}

// withoutAMinute is a store that cannot read the token expiries of one minute.
type withoutAMinute struct{ realtimetest.Connections }

func (s withoutAMinute) ListExpiries(ctx context.Context, minute time.Time) ([]session.TokenExpiry, error) {
	if minute.Minute()%10 == realtimetest.Noon.Minute()%10 {
		return nil, realtimetest.ErrBroken
	}
	return s.Connections.ListExpiries(ctx, minute)
}

func TestSweepFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = withoutAMinute{o.Connections} })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Truncate(time.Second))
	w.Admit("c2", "ada", permission.Default(), realtimetest.Noon.Add(-3*time.Minute))
	closed, err := w.Sweep(t.Context())
	if closed != 1 || err == nil || !slices.Equal(w.Poster.Closed(), []string{"c2"}) {
		t.Errorf("closed %d, %q, %v", closed, w.Poster.Closed(), err)
	}
}
