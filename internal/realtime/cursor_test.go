package realtime_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/cursors"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// moves is a queue of cursors' moves that only notes them.
type moves struct {
	mu   sync.Mutex
	jobs []cursors.Job
}

func (q *moves) Enqueue(_ context.Context, jobs ...cursors.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, jobs...)
	return nil
}

func TestCursorMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada", "doc")
	w.connect("c2", "ada", "doc")
	w.connect("c3", "bob", "doc")
	w.wantFrame(w.do("cursorMove", "c1", `{"action":"cursorMove","roomId":"doc","userId":"eve","position":{"line":5,"column":12},"color":"#db2777"}`), "")
	const want = `{"type":"cursor","roomId":"doc","userId":"ada","position":{"line":5,"column":12},"color":"#db2777","timestamp":1790000000123}`
	w.wantPosted("c1")
	w.wantPosted("c2", want)
	w.wantPosted("c3", want)
	if got := w.memory.Messages("doc"); len(got) != 0 {
		t.Errorf("a cursor was logged: %v", got)
	}
	got := w.do("cursorMove", "c1", `{"action":"cursorMove","position":{"line":5},"clientId":"x"}`)
	if b := encode(t, got); !strings.Contains(b, `"bad_field"`) || !slices.Equal(w.poster.Posted("c3"), []string{want}) {
		t.Errorf("half a position: got %s", b)
	}
}

// Two functions whose clocks differ answer the moves of one cursor. Their order is
// that in which API Gateway got them.
func TestCursorMovesAreOrderedByTheirArrival(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada", "doc")
	w.connect("c2", "bob", "doc")
	w.DoAt(t.Context(), time.UnixMilli(1_790_000_005_000), "cursorMove", "c1", []byte(move))
	w.wantPosted("c2", `{"type":"cursor","roomId":"doc","userId":"ada","position":{"x":1,"y":2},"timestamp":1790000005000}`)
}

const move = `{"action":"cursorMove","roomId":"doc","position":{"x":1,"y":2}}`

// TestCursorMoveReadsSeldom has a table that fails from the second move on: the
// moves of two seconds need none.
func TestCursorMoveReadsSeldom(t *testing.T) {
	t.Parallel()
	broken := &brokenStore{}
	now := noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		broken.Connections = o.Connections
		o.Connections = broken
	})
	w.connect("c1", "ada", "doc")
	w.connect("c2", "bob", "doc")
	w.wantFrame(w.do("cursorMove", "c1", move), "")
	w.wantFrame(w.do("cursorMove", "c2", move), "")
	broken.down = true
	now = now.Add(1900 * time.Millisecond)
	w.wantFrame(w.do("cursorMove", "c2", move), "")
	if len(w.poster.Posted("c1")) != 2 || len(w.poster.Posted("c2")) != 1 {
		t.Errorf("c1 got %q, c2 got %q", w.poster.Posted("c1"), w.poster.Posted("c2"))
	}
	if got := encode(t, w.do("cursorMove", "stranger", move)); !strings.Contains(got, `"unavailable"`) {
		t.Errorf("somebody who is not on the roster: got %s", got)
	}
	now = now.Add(200 * time.Millisecond)
	if got := encode(t, w.do("cursorMove", "c2", move)); !strings.Contains(got, `"unavailable"`) {
		t.Errorf("after two seconds: got %s", got)
	}
}

// brokenStore is a table of connections that can be down.
type brokenStore struct {
	realtimetest.Connections
	down bool
}

func (b *brokenStore) Connection(ctx context.Context, id string) (members.Connection, error) {
	if b.down {
		return members.Connection{}, errBroken
	}
	return b.Connections.Connection(ctx, id)
}

func (b *brokenStore) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	if b.down {
		return nil, errBroken
	}
	return b.Connections.Members(ctx, roomID, shard, limit)
}

// TestCursorInALargeRoom queues a move once for each shard.
func TestCursorInALargeRoom(t *testing.T) {
	t.Parallel()
	w, _ := newCrowd(t)
	for i := range 9 {
		w.enter(fmt.Sprintf("c%d", i), "")
	}
	w.wantFrame(w.do("cursorMove", "c7", strings.Replace(move, "doc", "lobby", 1)), "")
	if got := encode(t, w.do("cursorMove", "stranger", strings.Replace(move, "doc", "lobby", 1))); !strings.Contains(got, `"not_connected"`) {
		t.Errorf("a stranger: got %s", got)
	}
	if shards := w.head("lobby").Shards; len(w.moves.jobs) != shards {
		t.Errorf("queued %d jobs for %d shards", len(w.moves.jobs), shards)
	}
	for i, j := range w.moves.jobs {
		if j.Shard != i || j.ConnectionID != "c7" || j.RoomID != "lobby" || !strings.Contains(j.Frame, `"x":1`) {
			t.Errorf("got %+v", j)
		}
	}
}

// TestRunCursors shows moves that piled up: the last one of each cursor, to
// everybody but its owner, in one frame, unless it is too old: by more than a clock
// may be wrong.
func TestRunCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"c1", "c2", "c3"} {
		w.connect(id, "ada", "doc")
	}
	at := func(age time.Duration, id, frame string) cursors.Job {
		return cursors.Job{RoomID: "doc", ConnectionID: id, At: noon.Add(-age).UnixMilli(), Frame: frame}
	}
	if err := w.RunCursors(t.Context(), []cursors.Job{
		at(time.Second, "c1", `{"n":1}`), at(8*time.Second, "c3", `{"n":2}`),
		at(6*time.Second, "c2", `{"n":3}`), at(0, "c1", `{"n":4}`),
	}); err != nil {
		t.Fatal(err)
	}
	w.wantPosted("c1", `{"n":3}`)
	w.wantPosted("c2", `{"n":4}`)
	w.wantPosted("c3", `{"type":"batch","frames":[{"n":3},{"n":4}]}`)
	if err := w.RunCursors(t.Context(), []cursors.Job{at(8*time.Second, "c3", `{"n":5}`)}); err != nil {
		t.Fatal(err)
	}
	if posts, _ := w.poster.Calls(); posts != 3 {
		t.Errorf("made %d posts", posts)
	}
}

func TestDecodeCursorJob(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		`{"roomId":"doc","connectionId":"c1","at":1,"frame":"{}"}`:           true,
		`{"roomId":"doc","connectionId":"c1","at":1,"frame":"{}","shard":3}`: true,
		`{"roomId":"doc","connectionId":"c1","frame":"{}","shard":-1}`:       false,
		`{"roomId":"","connectionId":"c1","frame":"{}"}`:                     false,
		`{"roomId":"doc","frame":"{}"}`:                                      false,
		`{"roomId":"doc","connectionId":"c1"}`:                               false,
		`[]`:                                                                 false,
	} {
		if _, err := cursors.DecodeJob([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestCursorsOfALargeRoom moves cursors in a room of as many members as may be,
// and of one more: who moves is told so once, and nobody is shown it.
func TestCursorsOfALargeRoom(t *testing.T) {
	t.Parallel()
	for name, direct := range map[string]int{"through the queue": 3, "at once": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := noon
			w := newWorldAt(t, func() time.Time { return now }, unlimited, func(o *realtimetest.Options) {
				o.DirectLimit, o.Limits.CursorMembers = direct, 5
			})
			for i := range 6 {
				w.connect(fmt.Sprint("c", i), fmt.Sprint("user-", i), "doc")
			}
			shown := func() int {
				posts, _ := w.poster.Calls()
				return posts + len(w.moves.jobs)
			}
			w.wantFrame(w.do("cursorMove", "c1", move), `{"type":"error","code":"limit_reached","message":"cursors do not move in a room of more than 5 members, and \"doc\" has about 6: send no more moves until it has fewer"}`)
			for range 100 {
				w.wantFrame(w.do("cursorMove", "c1", move), "")
			}
			if got := code(w.do("cursorMove", "c2", move)); got != protocol.CodeLimitReached {
				t.Errorf("another one: got %q", got)
			}
			if n := shown(); n != 0 {
				t.Errorf("shown %d times", n)
			}
			if err := w.Disconnect(t.Context(), "c5", time.Time{}); err != nil {
				t.Fatal(err)
			}
			now = now.Add(3 * time.Second)
			w.wantFrame(w.do("cursorMove", "c1", move), "")
			if shown() == 0 {
				t.Error("not shown with a member less")
			}
		})
	}
}

// TestCursorsOfASplitRoom moves one in a room whose members are counted.
func TestCursorsOfASplitRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.DirectLimit = 2 })
	w.connect("c1", "ada", "doc")
	for members, want := range map[int]protocol.Code{500: "", 501: protocol.CodeLimitReached, 90_000: protocol.CodeLimitReached} {
		head, err := w.memory.Head(t.Context(), "doc")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.memory.Resize(t.Context(), "doc", shard.Layout{Shards: 2, Members: members, Version: head.Version + 1}, noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		fresh := realtimetest.New(realtimetest.Options{
			Connections: w.memory, Log: w.memory, Buckets: w.memory, Poster: w.poster, CursorQueue: w.moves, Now: w.now, DirectLimit: 2,
		})
		if got := code(fresh.CursorMove(t.Context(), "c1", []byte(move))); got != want {
			t.Errorf("%d members: got %q, want %q", members, got, want)
		}
	}
}

// TestCursorPosts has many functions post the moves of rooms at once: all of them
// together make no more posts than they may.
func TestCursorPosts(t *testing.T) {
	t.Parallel()
	const functions, rooms, members, seconds, rate = 20, 4, 11, 10, 300
	var clock atomic.Int64
	clock.Store(noon.UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	w := newWorldAt(t, now)
	var services []*realtimetest.App
	for range functions {
		services = append(services, realtimetest.New(realtimetest.Options{
			Connections: w.memory, Log: w.memory, Buckets: w.memory, Poster: w.poster, Now: now,
			Limits: limits.Limits{CursorRate: limits.Unlimited, CursorPosts: rate},
		}))
	}
	for i := range rooms * members {
		w.connect(fmt.Sprint("c", i), fmt.Sprint("user-", i), fmt.Sprint("room-", i%rooms))
	}
	const step = 50 * time.Millisecond
	for range seconds * time.Second / step {
		var wg sync.WaitGroup
		for i := range rooms * members {
			wg.Go(func() {
				frame := fmt.Sprintf(`{"action":"cursorMove","roomId":"room-%d","position":{"x":1,"y":2}}`, i%rooms)
				if f := services[i%functions].CursorMove(t.Context(), fmt.Sprint("c", i), []byte(frame)); f != nil {
					t.Errorf("got %+v", f)
				}
			})
		}
		wg.Wait()
		clock.Add(int64(step))
	}
	posts, _ := w.poster.Calls()
	if most := rate * (seconds + 1); posts > most || posts < rate*seconds*8/10 {
		t.Errorf("made %d posts, want %d at most and not many fewer", posts, most)
	}
}

// TestCursorsInTheAir shows moves to many: few posts are in the air at a time,
// also of several moves at once, and messages have a pace of their own.
func TestCursorsInTheAir(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inAir, most atomic.Int64
		w := newWorld(t, unlimited, func(o *realtimetest.Options) { o.DirectLimit = 200 })
		w.poster.PostFunc = func(_ context.Context, _ string, data []byte) error {
			if !bytes.Contains(data, []byte(`"cursor"`)) {
				return nil
			}
			for n := inAir.Add(1); n > most.Load(); {
				most.Store(n)
			}
			time.Sleep(10 * time.Millisecond)
			inAir.Add(-1)
			return nil
		}
		for i := range 100 {
			w.connect(fmt.Sprint("c", i), fmt.Sprint("user-", i), "doc")
		}
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { w.do("cursorMove", fmt.Sprint("c", i), move) })
		}
		wg.Go(func() {
			_ = w.RunCursors(t.Context(), []cursors.Job{{RoomID: "doc", ConnectionID: "c9", At: noon.UnixMilli(), Frame: `{"type":"cursor"}`}})
		})
		time.Sleep(50 * time.Millisecond)
		start := time.Now()
		w.publishText("doc", "hi")
		if took := time.Since(start); took > 0 {
			t.Errorf("a message waited %v for cursors", took)
		}
		wg.Wait()
		if n := most.Load(); n > 8 {
			t.Errorf("%d posts of cursors in the air, want 8 at most", n)
		}
	})
}
