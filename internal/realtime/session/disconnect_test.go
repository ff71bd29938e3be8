package session_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// lateStore stores a connection, and stores again the rows that were removed meanwhile, as
// rows that are not all stored at the same time.
type lateStore struct {
	*realtimetest.Memory
}

func (s lateStore) Connect(ctx context.Context, c members.Connection) error {
	first := s.Memory.Connect(ctx, c)
	time.Sleep(100 * time.Millisecond)
	return errors.Join(first, s.Memory.Connect(ctx, c))
}

// TestDisconnectWhileRowsAreStored ends a connection of which some rows are stored and
// others come a moment later: nothing is left of it.
func TestDisconnectWhileRowsAreStored(t *testing.T) {
	bubble(t, func(w *world) {
		w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Log, o.Slots = lateStore{w.Memory}, w.Memory, w.Memory
		}).App
		at := time.Now()
		connected := make(chan bool)
		go func() { connected <- w.Connect(w.Context(), w.handshake(at)) == nil }()
		time.Sleep(time.Millisecond)
		if err := w.Disconnect(w.Context(), "c1", at); err != nil {
			w.Error(err)
		}
		<-connected
		w.nobody("after both")
	})
}

// slowStore takes a while to store a connection, or stores it and fails.
type slowStore struct {
	*realtimetest.Memory
	takes time.Duration
	err   error
}

func (s *slowStore) Connect(ctx context.Context, c members.Connection) error {
	time.Sleep(s.takes)
	return errors.Join(s.Memory.Connect(ctx, c), s.err)
}

// nobody checks that nothing is left of the connection.
func (w *world) nobody(when string) {
	w.Helper()
	_, err := w.Memory.Connection(w.Context(), "c1")
	all, _ := w.Memory.Members(w.Context(), "lobby", 0, 0)
	devices, _ := w.Memory.OfUser(w.Context(), "ada")
	if !errors.Is(err, members.ErrUnknownConnection) || len(all)+len(devices) != 0 {
		w.Errorf("%s: the connection is known (%v), the room has %v, the user has %v", when, err, all, devices)
	}
	w.WantSlots("USER#ada", 0)
}

func (w *world) handshake(at time.Time) session.Handshake {
	return session.Handshake{
		Identity:     session.Identity{UserID: "ada", Permissions: permission.Everything()},
		ConnectionID: "c1", IP: "192.0.2.1", At: at, Query: map[string]string{"roomId": "lobby"},
	}
}

// TestDisconnectBeforeConnectHasEnded ends a connection during its handshake: nothing is
// left of it.
func TestDisconnectBeforeConnectHasEnded(t *testing.T) {
	for _, takes := range []time.Duration{0, 100 * time.Millisecond, 3 * time.Second, 7 * time.Second} {
		t.Run(takes.String(), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
					o.Connections, o.Log, o.Slots = &slowStore{Memory: w.Memory, takes: takes}, w.Memory, w.Memory
				}).App
				at := time.Now()
				connected := make(chan bool)
				go func() {
					connected <- w.Connect(w.Context(), w.handshake(at)) == nil
				}()
				if err := w.Disconnect(w.Context(), "c1", at); err != nil {
					w.Error(err)
				}
				<-connected
				if takes > 0 {
					w.nobody("after both")
				}
			})
		})
	}
	t.Run("an old one is not waited for", func(t *testing.T) {
		bubble(t, func(w *world) {
			start := time.Now()
			if err := w.Disconnect(w.Context(), "c1", start.Add(-time.Hour)); err != nil || time.Since(start) != 0 {
				w.Errorf("took %v, %v", time.Since(start), err)
			}
		})
	})
}

// TestConnectThatFailsLeavesNothing stores all or some of a connection's rows and fails: API
// Gateway then refuses the handshake, and does not call $disconnect.
func TestConnectThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.App = newWorld(t, func(o *realtimetest.Options) {
		o.Connections, o.Log, o.Slots = &slowStore{Memory: w.Memory, err: realtimetest.ErrBroken}, w.Memory, w.Memory
	}).App
	if err := w.Connect(t.Context(), w.handshake(realtimetest.Noon)); err == nil {
		t.Error("the handshake succeeded")
	}
	w.nobody("after a failure")
}
