package cursors_test

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
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

func TestCursorMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "doc")
	w.AddConnection("c2", "ada", "doc")
	w.AddConnection("c3", "bob", "doc")
	w.WantFrame(w.Answer("cursorMove", "c1", `{"action":"cursorMove","roomId":"doc","userId":"eve","position":{"line":5,"column":12},"color":"#db2777"}`), "")
	const want = `{"type":"cursor","roomId":"doc","userId":"ada","position":{"line":5,"column":12},"color":"#db2777","timestamp":1790000000123}`
	w.WantPosted("c1")
	w.WantPosted("c2", want)
	w.WantPosted("c3", want)
	if got := w.Memory.Messages("doc"); len(got) != 0 {
		t.Errorf("a cursor was logged: %v", got)
	}
	got := w.Answer("cursorMove", "c1", `{"action":"cursorMove","position":{"line":5},"clientId":"x"}`)
	if b := realtimetest.Encode(t, got); !strings.Contains(b, `"bad_field"`) || !slices.Equal(w.Poster.Posted("c3"), []string{want}) {
		t.Errorf("half a position: got %s", b)
	}
}

// Functions with different clocks answer the moves of one cursor. The moves keep the
// order in which API Gateway received them.
func TestCursorMovesAreOrderedByTheirArrival(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "doc")
	w.AddConnection("c2", "bob", "doc")
	w.DoAt(t.Context(), time.UnixMilli(1_790_000_005_000), "cursorMove", "c1", []byte(move))
	w.WantPosted("c2", `{"type":"cursor","roomId":"doc","userId":"ada","position":{"x":1,"y":2},"timestamp":1790000005000}`)
}

const move = `{"action":"cursorMove","roomId":"doc","position":{"x":1,"y":2}}`

// TestCursorMoveReadsSeldom fails the table from the second move on: for two seconds,
// moves need no table.
func TestCursorMoveReadsSeldom(t *testing.T) {
	t.Parallel()
	broken := &realtimetest.Outage{}
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		broken.Connections = o.Connections
		o.Connections = broken
	})
	w.AddConnection("c1", "ada", "doc")
	w.AddConnection("c2", "bob", "doc")
	w.WantFrame(w.Answer("cursorMove", "c1", move), "")
	w.WantFrame(w.Answer("cursorMove", "c2", move), "")
	broken.Down = true
	now = now.Add(1900 * time.Millisecond)
	w.WantFrame(w.Answer("cursorMove", "c2", move), "")
	if len(w.Poster.Posted("c1")) != 2 || len(w.Poster.Posted("c2")) != 1 {
		t.Errorf("c1 got %q, c2 got %q", w.Poster.Posted("c1"), w.Poster.Posted("c2"))
	}
	if got := realtimetest.Encode(t, w.Answer("cursorMove", "stranger", move)); !strings.Contains(got, `"unavailable"`) {
		t.Errorf("a connection that is not cached: got %s", got)
	}
	now = now.Add(200 * time.Millisecond)
	if got := realtimetest.Encode(t, w.Answer("cursorMove", "c2", move)); !strings.Contains(got, `"unavailable"`) {
		t.Errorf("after two seconds: got %s", got)
	}
}

// TestCursorInALargeRoom queues a move once for each shard.
func TestCursorInALargeRoom(t *testing.T) {
	t.Parallel()
	w, _ := newSplit(t)
	for i := range 9 {
		w.JoinLobby(fmt.Sprintf("c%d", i), "")
	}
	w.WantFrame(w.Answer("cursorMove", "c7", strings.Replace(move, "doc", "lobby", 1)), "")
	if got := realtimetest.Encode(t, w.Answer("cursorMove", "stranger", strings.Replace(move, "doc", "lobby", 1))); !strings.Contains(got, `"not_connected"`) {
		t.Errorf("a stranger: got %s", got)
	}
	if shards := w.RoomHead("lobby").Shards; len(w.Moves.Jobs) != shards {
		t.Errorf("queued %d jobs for %d shards", len(w.Moves.Jobs), shards)
	}
	for i, j := range w.Moves.Jobs {
		if j.Shard != i || j.ConnectionID != "c7" || j.RoomID != "lobby" || !strings.Contains(j.Frame, `"x":1`) {
			t.Errorf("got %+v", j)
		}
	}
}

// TestRunCursors shows moves that piled up: the last one of each cursor, to everybody
// but its user, in one frame. It leaves out moves that are too old, with a margin for
// clocks that differ.
func TestRunCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, id := range []string{"c1", "c2", "c3"} {
		w.AddConnection(id, "ada", "doc")
	}
	at := func(age time.Duration, id, frame string) cursors.Job {
		return cursors.Job{RoomID: "doc", ConnectionID: id, At: realtimetest.Noon.Add(-age).UnixMilli(), Frame: frame}
	}
	if err := w.RunCursors(t.Context(), []cursors.Job{
		at(time.Second, "c1", `{"n":1}`), at(8*time.Second, "c3", `{"n":2}`),
		at(6*time.Second, "c2", `{"n":3}`), at(0, "c1", `{"n":4}`),
	}); err != nil {
		t.Fatal(err)
	}
	w.WantPosted("c1", `{"n":3}`)
	w.WantPosted("c2", `{"n":4}`)
	w.WantPosted("c3", `{"type":"batch","frames":[{"n":3},{"n":4}]}`)
	if err := w.RunCursors(t.Context(), []cursors.Job{at(8*time.Second, "c3", `{"n":5}`)}); err != nil {
		t.Fatal(err)
	}
	if posts, _ := w.Poster.Calls(); posts != 3 {
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

// TestCursorsOfALargeRoom moves cursors in a room with the maximum of members, and
// with one more: the mover gets one error, and nobody sees the move.
func TestCursorsOfALargeRoom(t *testing.T) {
	t.Parallel()
	for name, direct := range map[string]int{"through the queue": 3, "at once": 9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := realtimetest.Noon
			w := newWorldAt(t, func() time.Time { return now }, realtimetest.NoRates, func(o *realtimetest.Options) {
				o.DirectLimit, o.Limits.CursorMembers = direct, 5
			})
			for i := range 6 {
				w.AddConnection(fmt.Sprint("c", i), fmt.Sprint("user-", i), "doc")
			}
			shown := func() int {
				posts, _ := w.Poster.Calls()
				return posts + len(w.Moves.Jobs)
			}
			w.WantFrame(w.Answer("cursorMove", "c1", move), `{"type":"error","code":"limit_reached","message":"cursors do not move in a room of more than 5 members, and \"doc\" has about 6: send no more moves until it has fewer"}`)
			for range 100 {
				w.WantFrame(w.Answer("cursorMove", "c1", move), "")
			}
			if got := realtimetest.Code(w.Answer("cursorMove", "c2", move)); got != protocol.CodeLimitReached {
				t.Errorf("another one: got %q", got)
			}
			if n := shown(); n != 0 {
				t.Errorf("shown %d times", n)
			}
			if err := w.Disconnect(t.Context(), "c5", time.Time{}); err != nil {
				t.Fatal(err)
			}
			now = now.Add(3 * time.Second)
			w.WantFrame(w.Answer("cursorMove", "c1", move), "")
			if shown() == 0 {
				t.Error("not shown with a member less")
			}
		})
	}
}

// TestCursorsOfASplitRoom moves a cursor in a room whose members were counted.
func TestCursorsOfASplitRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.DirectLimit = 2 })
	w.AddConnection("c1", "ada", "doc")
	for members, want := range map[int]protocol.Code{500: "", 501: protocol.CodeLimitReached, 90_000: protocol.CodeLimitReached} {
		head, err := w.Memory.Head(t.Context(), "doc")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Memory.Resize(t.Context(), "doc", shard.Layout{Shards: 2, Members: members, Version: head.Version + 1}, realtimetest.Noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		fresh := realtimetest.New(realtimetest.Options{
			Connections: w.Memory, Log: w.Memory, Buckets: w.Memory, Poster: w.Poster, CursorQueue: w.Moves, Now: w.Now, DirectLimit: 2,
		})
		if got := realtimetest.Code(fresh.CursorMove(t.Context(), "c1", []byte(move))); got != want {
			t.Errorf("%d members: got %q, want %q", members, got, want)
		}
	}
}

// TestCursorPosts has many functions post moves at the same time: together they make no
// more posts than allowed.
func TestCursorPosts(t *testing.T) {
	t.Parallel()
	const functions, rooms, members, seconds, rate = 20, 4, 11, 10, 300
	var clock atomic.Int64
	clock.Store(realtimetest.Noon.UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	w := newWorldAt(t, now)
	var services []*realtimetest.App
	for range functions {
		services = append(services, realtimetest.New(realtimetest.Options{
			Connections: w.Memory, Log: w.Memory, Buckets: w.Memory, Poster: w.Poster, Now: now,
			Limits: limits.Limits{CursorRate: limits.Unlimited, CursorPosts: rate},
		}))
	}
	for i := range rooms * members {
		w.AddConnection(fmt.Sprint("c", i), fmt.Sprint("user-", i), fmt.Sprint("room-", i%rooms))
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
	posts, _ := w.Poster.Calls()
	if most := rate * (seconds + 1); posts > most || posts < rate*seconds*8/10 {
		t.Errorf("made %d posts, want %d at most and not many fewer", posts, most)
	}
}

// TestCursorsInFlight shows moves to many members: few posts are in flight at a time, even
// of several concurrent moves, and messages have a pace of their own.
func TestCursorsInFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var inAir, most atomic.Int64
		w := newWorld(t, realtimetest.NoRates, func(o *realtimetest.Options) { o.DirectLimit = 200 })
		w.Poster.PostFunc = func(_ context.Context, _ string, data []byte) error {
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
			w.AddConnection(fmt.Sprint("c", i), fmt.Sprint("user-", i), "doc")
		}
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() { w.Answer("cursorMove", fmt.Sprint("c", i), move) })
		}
		wg.Go(func() {
			_ = w.RunCursors(t.Context(), []cursors.Job{{RoomID: "doc", ConnectionID: "c9", At: realtimetest.Noon.UnixMilli(), Frame: `{"type":"cursor"}`}})
		})
		time.Sleep(50 * time.Millisecond)
		start := time.Now()
		w.PublishText("doc", "hi")
		if took := time.Since(start); took > 0 {
			t.Errorf("a message waited %v for cursors", took)
		}
		wg.Wait()
		if n := most.Load(); n > 8 {
			t.Errorf("%d posts of cursors in flight, want 8 at most", n)
		}
	})
}
