package realtime_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/messages"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// noon is when the tests begin.
var noon = time.UnixMilli(1_790_000_000_123)

// world is a service with doubles around it.
type world struct {
	*testing.T
	*realtimetest.App
	memory *realtimetest.Memory
	poster *realtimetest.Poster
	queue  *realtimetest.Queue
	moves  *moves
	log    *syncBuffer
	now    func() time.Time
}

// newWorld returns a world in which it is always noon. change may alter the
// parts of the service.
func newWorld(t *testing.T, change ...func(*realtimetest.Options)) *world {
	t.Helper()
	return newWorldAt(t, func() time.Time { return noon }, change...)
}

func newWorldAt(t *testing.T, now func() time.Time, change ...func(*realtimetest.Options)) *world {
	t.Helper()
	w := &world{
		T: t, memory: realtimetest.NewMemory(now), poster: &realtimetest.Poster{}, queue: &realtimetest.Queue{}, moves: &moves{},
		log: &syncBuffer{}, now: now,
	}
	var mu sync.Mutex
	ids := 0
	o := realtimetest.Options{
		Connections: w.memory, Log: w.memory, Sends: w.memory, Inboxes: w.memory, Buckets: w.memory, Slots: w.memory, Poster: w.poster, Queue: w.queue,
		CursorQueue: w.moves,
		Logger:      slog.New(slog.NewTextHandler(w.log, nil)),
		Now:         now,
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("id%d", ids)
		},
	}
	for _, f := range change {
		f(&o)
	}
	w.App = realtimetest.New(o)
	return w
}

// unlimited lets through more frames than anybody may send at noon.
func unlimited(o *realtimetest.Options) {
	o.Limits = limits.Limits{MessageRate: limits.Unlimited, FrameRate: limits.Unlimited, CursorRate: limits.Unlimited, CursorPosts: limits.Unlimited}
}

// connect makes a connection of a user that is an hour old and may do anything.
func (w *world) connect(id, user string, rooms ...string) {
	w.Helper()
	w.connectAt(w.now().Add(-time.Hour), id, user, rooms...)
}

func (w *world) connectAt(at time.Time, id, user string, rooms ...string) {
	w.Helper()
	var in []members.Membership
	for _, room := range rooms {
		in = append(in, members.Membership{RoomID: room})
	}
	err := w.memory.Connect(w.Context(), members.Connection{
		ID: id, UserID: user, Rooms: in, Permissions: permission.Everything(),
		ConnectedAt: at, ExpiresAt: at.Add(members.ConnectionLifetime),
	})
	if err != nil {
		w.Fatal(err)
	}
}

// publishText sends a message of ada's to a room.
func (w *world) publishText(roomID, text string) messages.Receipt {
	w.Helper()
	r, err := w.Publish(w.Context(), roomlog.Publication{RoomID: roomID, UserID: "ada", Message: text})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// wantFrame compares a frame with its JSON, "" for none.
func (w *world) wantFrame(got protocol.Frame, want string) {
	w.Helper()
	var text string
	if got != nil {
		b, err := protocol.Encode(got)
		if err != nil {
			w.Fatal(err)
		}
		text = string(b)
	}
	if text != want {
		w.Errorf("got  %s\nwant %s", text, want)
	}
}

// wantPosted compares what a connection got.
func (w *world) wantPosted(connectionID string, want ...string) {
	w.Helper()
	got := w.poster.Posted(connectionID)
	if len(got) != len(want) {
		w.Errorf("connection %s got %q, want %q", connectionID, got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			w.Errorf("connection %s\ngot  %s\nwant %s", connectionID, got[i], want[i])
		}
	}
}

// gone is a PostFunc for which some connections do not exist.
func gone(ids ...string) func(context.Context, string, []byte) error {
	return failing(delivery.ErrGone, ids...)
}

// failing is a PostFunc that fails for some connections.
func failing(err error, ids ...string) func(context.Context, string, []byte) error {
	return func(_ context.Context, id string, _ []byte) error {
		for _, failing := range ids {
			if id == failing {
				return fmt.Errorf("post to connection %s: %w", id, err)
			}
		}
		return nil
	}
}

// do gives a frame to the route of its action.
func (w *world) do(action, connectionID, frame string) protocol.Frame {
	return w.Do(w.Context(), action, connectionID, []byte(frame))
}

func encode(t *testing.T, f protocol.Frame) string {
	t.Helper()
	b, err := protocol.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// syncBuffer is a buffer that goroutines may write to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
