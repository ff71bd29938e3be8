package realtimetest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/cursors"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/messages"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Noon is when each test begins.
var Noon = time.UnixMilli(1_790_000_000_123)

// World is the core on stores, a poster and queues in memory.
type World struct {
	*testing.T
	*App
	Memory *Memory
	Poster *Poster
	Queue  *Queue
	Moves  *Moves
	Logged *Buffer
	Now    func() time.Time
}

// NewWorld returns a world in which it is always [Noon]. change may replace ports and
// settings.
func NewWorld(t *testing.T, change ...func(*Options)) *World {
	t.Helper()
	return NewWorldAt(t, func() time.Time { return Noon }, change...)
}

// NewWorldAt is like NewWorld, with a clock.
func NewWorldAt(t *testing.T, now func() time.Time, change ...func(*Options)) *World {
	t.Helper()
	w := &World{
		T: t, Memory: NewMemory(now), Poster: &Poster{}, Queue: &Queue{}, Moves: &Moves{},
		Logged: &Buffer{}, Now: now,
	}
	var mu sync.Mutex
	ids := 0
	o := Options{
		Connections: w.Memory, Log: w.Memory, Sends: w.Memory, Inboxes: w.Memory, Buckets: w.Memory, Slots: w.Memory, Poster: w.Poster, Queue: w.Queue,
		CursorQueue: w.Moves,
		Logger:      slog.New(slog.NewTextHandler(w.Logged, nil)),
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
	w.App = New(o)
	return w
}

// NoRates removes the limits on rates, which a test at a fixed time would exceed.
func NoRates(o *Options) {
	o.Limits = limits.Limits{MessageRate: limits.Unlimited, FrameRate: limits.Unlimited, CursorRate: limits.Unlimited, CursorPosts: limits.Unlimited}
}

// AddConnection stores a connection of a user that is an hour old and has every permission.
func (w *World) AddConnection(id, user string, rooms ...string) {
	w.Helper()
	w.AddConnectionAt(w.Now().Add(-time.Hour), id, user, rooms...)
}

// AddConnectionAt is like AddConnection, for a connection that was made at a time.
func (w *World) AddConnectionAt(at time.Time, id, user string, rooms ...string) {
	w.Helper()
	var in []members.Membership
	for _, room := range rooms {
		in = append(in, members.Membership{RoomID: room})
	}
	err := w.Memory.Connect(w.Context(), members.Connection{
		ID: id, UserID: user, Rooms: in, Permissions: permission.Everything(),
		ConnectedAt: at, ExpiresAt: at.Add(members.ConnectionLifetime),
	})
	if err != nil {
		w.Fatal(err)
	}
}

// PublishText publishes a message of ada to a room.
func (w *World) PublishText(roomID, text string) messages.Receipt {
	w.Helper()
	r, err := w.Publish(w.Context(), roomlog.Publication{RoomID: roomID, UserID: "ada", Message: text})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// WantFrame compares a frame with its JSON, "" for no frame.
func (w *World) WantFrame(got protocol.Frame, want string) {
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

// WantPosted compares the frames that a connection got.
func (w *World) WantPosted(connectionID string, want ...string) {
	w.Helper()
	got := w.Poster.Posted(connectionID)
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

// Gone returns a PostFunc for which some connections do not exist.
func Gone(ids ...string) func(context.Context, string, []byte) error {
	return Failing(delivery.ErrGone, ids...)
}

// Failing returns a PostFunc that fails for some connections.
func Failing(err error, ids ...string) func(context.Context, string, []byte) error {
	return func(_ context.Context, id string, _ []byte) error {
		if slices.Contains(ids, id) {
			return fmt.Errorf("post to connection %s: %w", id, err)
		}
		return nil
	}
}

// Answer answers a frame by the route of its action.
func (w *World) Answer(action, connectionID, frame string) protocol.Frame {
	return w.Do(w.Context(), action, connectionID, []byte(frame))
}

// Encode returns the JSON of a frame.
func Encode(t *testing.T, f protocol.Frame) string {
	t.Helper()
	b, err := protocol.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Buffer is a buffer that goroutines may write to.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Hello is the frame of the first message in the lobby, by ada.
const Hello = `{"type":"message","roomId":"lobby","seq":1,"id":"id1","userId":"ada","message":"hello","timestamp":1790000000123}`

// Moves is a queue of cursor moves that records them.
type Moves struct {
	mu   sync.Mutex
	Jobs []cursors.Job
}

// Enqueue implements [cursors.Queue].
func (q *Moves) Enqueue(_ context.Context, jobs ...cursors.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.Jobs = append(q.Jobs, jobs...)
	return nil
}

// Code returns the code of an error frame, "" for any other frame.
func Code(f protocol.Frame) protocol.Code {
	if e, ok := f.(protocol.ErrorFrame); ok {
		return e.Code
	}
	return ""
}

// Texts returns the texts of messages, separated by spaces.
func Texts(messages []protocol.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Message)
	}
	return strings.Join(all, " ")
}

// Admit makes a connection with permissions and a token that expires.
func (w *World) Admit(id, user string, p permission.Permissions, tokenExpiresAt time.Time, rooms ...string) {
	w.Helper()
	c := members.Connection{
		ID: id, UserID: user, Permissions: p, TokenExpiresAt: tokenExpiresAt,
		ConnectedAt: w.Now().Add(-time.Hour), ExpiresAt: w.Now().Add(time.Hour),
	}
	for _, room := range rooms {
		c.Rooms = append(c.Rooms, members.Membership{RoomID: room})
	}
	if err := w.Memory.Connect(w.Context(), c); err != nil {
		w.Fatal(err)
	}
}

// LobbyMembers returns the members of the lobby.
func (w *World) LobbyMembers() []string {
	w.Helper()
	members, err := w.Memory.Members(w.Context(), "lobby", 0, 0)
	if err != nil {
		w.Fatal(err)
	}
	var ids []string
	for _, m := range members {
		ids = append(ids, m.ConnectionID)
	}
	return ids
}

// WantMembers compares the members of the lobby.
func (w *World) WantMembers(want ...string) {
	w.Helper()
	if got := w.LobbyMembers(); !slices.Equal(got, want) {
		w.Errorf("members of the lobby: got %q, want %q", got, want)
	}
}

// RoomHead returns the head of a room.
func (w *World) RoomHead(roomID string) roomlog.Head {
	w.Helper()
	head, err := w.Memory.Head(w.Context(), roomID)
	if err != nil {
		w.Fatal(err)
	}
	return head
}

// WantSlots compares how many slots of a quota are taken.
func (w *World) WantSlots(of limits.QuotaKey, want int) {
	w.Helper()
	if got := w.Memory.SlotsTaken(of); got != want {
		w.Errorf("%d slots of %s are taken, want %d", got, of, want)
	}
}
