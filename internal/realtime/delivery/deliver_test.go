package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// publish sends hello to the lobby and returns how long that took. The tests
// here run in a bubble of package synctest: time passes only by sleeping.
func (w *world) publish(ctx context.Context) time.Duration {
	w.Helper()
	start := time.Now()
	if _, err := w.Publish(ctx, roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello"}); err != nil {
		w.Fatal(err)
	}
	return time.Since(start)
}

func TestRetry(t *testing.T) {
	for _, failure := range []error{delivery.ErrThrottled, errors.New("500"), context.DeadlineExceeded} {
		t.Run(failure.Error(), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.AddConnection("c1", "ada", "lobby")
				w.AddConnection("c2", "bob", "lobby")
				var tries atomic.Int64
				w.Poster.PostFunc = func(_ context.Context, id string, _ []byte) error {
					if id == "c1" && tries.Add(1) < 4 {
						return failure
					}
					return nil
				}
				if took := w.publish(w.Context()); took > 350*time.Millisecond {
					w.Errorf("three retries took %v, want at most 50+100+200 ms", took)
				}
				if len(w.Poster.Posted("c1")) != 1 || len(w.Poster.Posted("c2")) != 1 {
					w.Errorf("c1 got %v, c2 got %v", w.Poster.Posted("c1"), w.Poster.Posted("c2"))
				}
				if log := w.Logged.String(); log != "" {
					w.Errorf("logged %s", log)
				}
			})
		})
	}
}

func TestRetryGivesUp(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, "c1")
		if took := w.publish(w.Context()); took > time.Second {
			w.Errorf("gave up after %v, want 1 s at most", took)
		}
		if posts, _ := w.Poster.Calls(); posts < 3 || posts > 40 {
			w.Errorf("made %d posts", posts)
		}
		jobs := w.Queue.Jobs()
		if len(jobs) != 1 || len(jobs[0].Pending) != 1 || jobs[0].Pending[0].ConnectionID != "c1" || jobs[0].Cause != "throttled" || jobs[0].Seq != 1 {
			w.Errorf("queued %+v", jobs)
		}
		if log := w.Logged.String(); !strings.Contains(log, "pending=1") || strings.Contains(log, "hello") {
			w.Errorf("logged %s", log)
		}
		if got := w.LobbyMembers(); len(got) != 2 {
			w.Errorf("members %v, want both", got)
		}
	})
}

func TestRefusedIsNotRetried(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrRefused, "c1")
		w.publish(w.Context())
		if posts, _ := w.Poster.Calls(); posts != 1 {
			w.Errorf("made %d posts, want 1", posts)
		}
	})
}

func TestCursorIsNotRetried(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, "c2")
		w.WantFrame(w.Answer("cursorMove", "c1", `{"action":"cursorMove","position":{"x":1,"y":2}}`), "")
		if posts, _ := w.Poster.Calls(); posts != 1 || w.Logged.String() != "" {
			w.Errorf("made %d posts, logged %q", posts, w.Logged)
		}
	})
}

// TestSlowConnectionsDelayNobody has connections that hang: everybody else in the room
// gets the message immediately.
func TestSlowConnectionsDelayNobody(t *testing.T) {
	bubble(t, func(w *world) {
		const members, slow = 100, 60
		for i := range members {
			w.AddConnection(fmt.Sprintf("c%03d", i), "ada", "lobby")
		}
		start := time.Now()
		w.Poster.PostFunc = func(_ context.Context, id string, _ []byte) error {
			if id < fmt.Sprintf("c%03d", slow) {
				time.Sleep(2 * time.Second) // and then a poster gives up
				return context.DeadlineExceeded
			}
			if late := time.Since(start); late > 0 {
				w.Errorf("%s got the message %v late", id, late)
			}
			return nil
		}
		if took := w.publish(w.Context()); took > 6*time.Second {
			w.Errorf("took %v", took)
		}
		for i := slow; i < members; i++ {
			if id := fmt.Sprintf("c%03d", i); len(w.Poster.Posted(id)) != 1 {
				w.Errorf("%s got %v", id, w.Poster.Posted(id))
			}
		}
	})
}

// TestPostsAreBounded runs the job of a large room.
func TestPostsAreBounded(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 350 {
			w.AddConnection(fmt.Sprintf("c%d", i), "ada", "lobby")
		}
		var inAir, most atomic.Int64
		w.Poster.PostFunc = func(context.Context, string, []byte) error {
			most.Store(max(most.Load(), inAir.Add(1)))
			time.Sleep(10 * time.Millisecond)
			inAir.Add(-1)
			return nil
		}
		start := time.Now()
		if err := w.App.Run(w.Context(), delivery.Job{RoomID: "lobby", Seq: 1, Frame: realtimetest.Hello}); err != nil {
			w.Fatal(err)
		}
		if took := time.Since(start); took != 70*time.Millisecond || most.Load() != 50 {
			w.Errorf("took %v with %d posts at a time, want 70ms with 50", took, most.Load())
		}
	})
}

// TestWaitingForARetryTakesNoSlot throttles more connections than may be posted to at a
// time: while they wait, everybody else gets the message immediately.
func TestWaitingForARetryTakesNoSlot(t *testing.T) {
	bubble(t, func(w *world) {
		const members, throttled = 200, 150
		for i := range members {
			w.AddConnection(fmt.Sprintf("c%03d", i), "ada", "lobby")
		}
		start := time.Now()
		w.Poster.PostFunc = func(_ context.Context, id string, _ []byte) error {
			if id < fmt.Sprintf("c%03d", throttled) {
				return delivery.ErrThrottled
			}
			if late := time.Since(start); late > 0 {
				w.Errorf("%s got the message %v late", id, late)
			}
			return nil
		}
		if err := w.App.Run(w.Context(), delivery.Job{RoomID: "lobby", Seq: 1, Frame: realtimetest.Hello}); err != nil {
			w.Fatal(err)
		}
	})
}

// TestDeadline leaves time to answer before the caller's deadline.
func TestDeadline(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.Poster.PostFunc = func(ctx context.Context, _ string, _ []byte) error {
			<-ctx.Done()
			return ctx.Err()
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if took := w.publish(ctx); took != 500*time.Millisecond {
			w.Errorf("took %v of a second, want half of it", took)
		}
		if jobs := w.Queue.Jobs(); len(jobs) != 1 || jobs[0].Cause != "no answer in time" {
			w.Errorf("queued %+v, want what is pending", jobs)
		}
	})
}
