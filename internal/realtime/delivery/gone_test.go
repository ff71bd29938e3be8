package delivery_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestGoneIsForgottenEverywhere(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby", "tea")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Gone("c1")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		if took := w.publish(w.Context()); took != 0 {
			w.Errorf("took %v, want no retries", took)
		}
		w.WantMembers("c2")
		w.WantPosted("c1")
		if len(w.Poster.Posted("c2")) != 1 {
			w.Errorf("c2 got %q", w.Poster.Posted("c2"))
		}
		if tea, _ := w.Memory.Members(w.Context(), "tea", 0, 0); len(tea) != 0 {
			w.Errorf("members of tea: %v", tea)
		}
		if of, _ := w.Memory.OfUser(w.Context(), "ada"); len(of) != 0 {
			w.Errorf("connections of ada: %v", of)
		}
		if _, err := w.Memory.Connection(w.Context(), "c1"); !errors.Is(err, members.ErrUnknownConnection) {
			w.Errorf("the connection is still there: %v", err)
		}
		if posts, confirms := w.Poster.Calls(); posts != 2 || confirms != 1 {
			w.Errorf("%d posts and %d confirms, want 2 and 1", posts, confirms)
		}
	})
}

// TestOrphanIsForgotten has a membership without its connection, as a join leaves it that
// raced the connection's end.
func TestOrphanIsForgotten(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		if err := w.Memory.Remove(w.Context(), members.Connection{ID: "c1"}); err != nil {
			w.Fatal(err)
		}
		w.WantMembers("c1")
		w.Poster.PostFunc = realtimetest.Gone("c1")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.publish(w.Context())
		w.WantMembers()
		if of, _ := w.Memory.OfUser(w.Context(), "ada"); len(of) != 0 {
			w.Errorf("connections of ada: %v", of)
		}
	})
}

// TestUnlistedMembershipIsForgotten has a membership that its connection does not list, as
// a join leaves it that raced a leave.
func TestUnlistedMembershipIsForgotten(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c1", "ada", "tea") // the row of the connection, without the lobby
		w.WantMembers("c1")
		w.Poster.PostFunc = realtimetest.Gone("c1")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.publish(w.Context())
		w.WantMembers()
		if tea, _ := w.Memory.Members(w.Context(), "tea", 0, 0); len(tea) != 0 {
			w.Errorf("members of tea: %v", tea)
		}
	})
}

// TestGoneWithoutStore cannot remove the connection: it logs that, and delivers as before.
func TestGoneWithoutStore(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		members, _ := w.Memory.Members(w.Context(), "lobby", 0, 0)
		s := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections = onlyMembers{members: members}
		})
		s.Poster.PostFunc = realtimetest.Gone("c1")
		s.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		s.publish(w.Context())
		if s.Logged.String() == "" {
			w.Error("nothing was logged")
		}
	})
}

// onlyMembers is a store that can only list the members of rooms.
type onlyMembers struct {
	realtimetest.Broken
	members []members.Member
}

func (o onlyMembers) Members(context.Context, string, int, int) ([]members.Member, error) {
	return o.members, nil
}

func TestFalseGone(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		var tries atomic.Int64
		w.Poster.PostFunc = func(context.Context, string, []byte) error {
			if tries.Add(1) < 3 {
				return delivery.ErrGone
			}
			return nil
		}
		w.publish(w.Context())
		w.WantMembers("c1")
		if got := w.Poster.Posted("c1"); len(got) != 1 {
			w.Errorf("c1 got %q, want the message", got)
		}
		if posts, confirms := w.Poster.Calls(); posts != 3 || confirms != 2 {
			w.Errorf("%d posts and %d confirms, want 3 and 2", posts, confirms)
		}
	})
}

func TestGoneUnconfirmed(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.Poster.PostFunc = realtimetest.Gone("c1")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrThrottled }
		if took := w.publish(w.Context()); took > 2*time.Second {
			w.Errorf("took %v", took)
		}
		w.WantMembers("c1")
	})
}

// TestYoungIsNotGone posts to a connection that API Gateway does not know yet,
// because its $connect has not returned.
func TestYoungIsNotGone(t *testing.T) {
	confirmGone := func(context.Context, string) error { return delivery.ErrGone }
	t.Run("and gets the message once it is there", func(t *testing.T) {
		bubble(t, func(w *world) {
			start := time.Now()
			w.AddConnectionAt(start, "c1", "ada", "lobby")
			w.Poster.PostFunc = func(context.Context, string, []byte) error {
				if time.Since(start) < 150*time.Millisecond {
					return delivery.ErrGone
				}
				return nil
			}
			w.Poster.ConfirmFunc = confirmGone
			if took := w.publish(w.Context()); took > 1500*time.Millisecond {
				w.Errorf("took %v", took)
			}
			w.WantMembers("c1")
			if got := w.Poster.Posted("c1"); len(got) != 1 {
				w.Errorf("c1 got %q, want the message", got)
			}
		})
	})
	t.Run("and stays when it does not come", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.AddConnectionAt(time.Now().Add(-20*time.Second), "c1", "ada", "lobby")
			w.Poster.PostFunc = realtimetest.Gone("c1")
			w.Poster.ConfirmFunc = confirmGone
			if took := w.publish(w.Context()); took > 2*time.Second {
				w.Errorf("took %v, want 2 s at most", took)
			}
			w.WantMembers("c1")
			if posts, confirms := w.Poster.Calls(); posts < 3 || confirms != 0 {
				w.Errorf("%d posts and %d confirms, want several and none", posts, confirms)
			}
		})
	})
	t.Run("until it is thirty seconds old", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.AddConnectionAt(time.Now().Add(-30*time.Second), "c1", "ada", "lobby")
			w.Poster.PostFunc = realtimetest.Gone("c1")
			w.Poster.ConfirmFunc = confirmGone
			w.publish(w.Context())
			w.WantMembers()
		})
	})
}

func TestGoneCursorAndNotification(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.AddConnection("c3", "cyn")
		w.Poster.PostFunc = realtimetest.Gone("c2", "c3")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.WantFrame(w.Answer("cursorMove", "c1", `{"action":"cursorMove","position":{"x":1,"y":2}}`), "")
		w.WantMembers("c1", "c2") // until a message notices it
		if f := realtimetest.Encode(w.T, w.Answer("notify", "c1", `{"action":"notify","userId":"cyn","notification":1}`)); f == "" {
			w.Error("no ack")
		}
		if of, _ := w.Memory.OfUser(w.Context(), "cyn"); len(of) != 0 {
			w.Errorf("connections of cyn: %v", of)
		}
	})
}
