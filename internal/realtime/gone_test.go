package realtime_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// wantMembers compares the members of the lobby.
func (w *world) wantMembers(want ...string) {
	w.Helper()
	if got := w.members(); !slices.Equal(got, want) {
		w.Errorf("members of the lobby: got %q, want %q", got, want)
	}
}

func TestGoneIsForgottenEverywhere(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby", "tea")
		w.connect("c2", "bob", "lobby")
		w.poster.PostFunc = gone("c1")
		w.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		if took := w.publish(w.Context()); took != 0 {
			w.Errorf("took %v, want no retries", took)
		}
		w.wantMembers("c2")
		w.wantPosted("c1")
		if len(w.poster.Posted("c2")) != 1 {
			w.Errorf("c2 got %q", w.poster.Posted("c2"))
		}
		if tea, _ := w.memory.Members(w.Context(), "tea", 0, 0); len(tea) != 0 {
			w.Errorf("members of tea: %v", tea)
		}
		if of, _ := w.memory.OfUser(w.Context(), "ada"); len(of) != 0 {
			w.Errorf("connections of ada: %v", of)
		}
		if _, err := w.memory.Connection(w.Context(), "c1"); !errors.Is(err, members.ErrUnknownConnection) {
			w.Errorf("the connection is still there: %v", err)
		}
		if posts, confirms := w.poster.Calls(); posts != 2 || confirms != 1 {
			w.Errorf("%d posts and %d confirms, want 2 and 1", posts, confirms)
		}
	})
}

// TestOrphanIsForgotten has a membership whose connection is not there, as a
// join leaves it that raced the connection's end.
func TestOrphanIsForgotten(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		if err := w.memory.Remove(w.Context(), members.Connection{ID: "c1"}); err != nil {
			w.Fatal(err)
		}
		w.wantMembers("c1")
		w.poster.PostFunc = gone("c1")
		w.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.publish(w.Context())
		w.wantMembers()
		if of, _ := w.memory.OfUser(w.Context(), "ada"); len(of) != 0 {
			w.Errorf("connections of ada: %v", of)
		}
	})
}

// TestUnlistedMembershipIsForgotten has a membership that its connection does
// not list, as a join leaves it that raced a leave.
func TestUnlistedMembershipIsForgotten(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		w.connect("c1", "ada", "tea") // the row of the connection, without the lobby
		w.wantMembers("c1")
		w.poster.PostFunc = gone("c1")
		w.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.publish(w.Context())
		w.wantMembers()
		if tea, _ := w.memory.Members(w.Context(), "tea", 0, 0); len(tea) != 0 {
			w.Errorf("members of tea: %v", tea)
		}
	})
}

// TestGoneWithoutStore cannot forget: that is logged, and delivers as before.
func TestGoneWithoutStore(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		members, _ := w.memory.Members(w.Context(), "lobby", 0, 0)
		s := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections = onlyMembers{members: members}
		})
		s.poster.PostFunc = gone("c1")
		s.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		s.publish(w.Context())
		if s.log.String() == "" {
			w.Error("nothing was logged")
		}
	})
}

// onlyMembers is a store that can tell who is in a room, and nothing else.
type onlyMembers struct {
	broken
	members []members.Member
}

func (o onlyMembers) Members(context.Context, string, int, int) ([]members.Member, error) {
	return o.members, nil
}

func TestFalseGone(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		var tries atomic.Int64
		w.poster.PostFunc = func(context.Context, string, []byte) error {
			if tries.Add(1) < 3 {
				return delivery.ErrGone
			}
			return nil
		}
		w.publish(w.Context())
		w.wantMembers("c1")
		if got := w.poster.Posted("c1"); len(got) != 1 {
			w.Errorf("c1 got %q, want the message", got)
		}
		if posts, confirms := w.poster.Calls(); posts != 3 || confirms != 2 {
			w.Errorf("%d posts and %d confirms, want 3 and 2", posts, confirms)
		}
	})
}

func TestGoneUnconfirmed(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		w.poster.PostFunc = gone("c1")
		w.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrThrottled }
		if took := w.publish(w.Context()); took > 2*time.Second {
			w.Errorf("took %v", took)
		}
		w.wantMembers("c1")
	})
}

// TestYoungIsNotGone posts to a connection that API Gateway does not know yet,
// because its $connect has not returned.
func TestYoungIsNotGone(t *testing.T) {
	confirmGone := func(context.Context, string) error { return delivery.ErrGone }
	t.Run("and gets the message once it is there", func(t *testing.T) {
		bubble(t, func(w *world) {
			start := time.Now()
			w.connectAt(start, "c1", "ada", "lobby")
			w.poster.PostFunc = func(context.Context, string, []byte) error {
				if time.Since(start) < 150*time.Millisecond {
					return delivery.ErrGone
				}
				return nil
			}
			w.poster.ConfirmFunc = confirmGone
			if took := w.publish(w.Context()); took > 1500*time.Millisecond {
				w.Errorf("took %v", took)
			}
			w.wantMembers("c1")
			if got := w.poster.Posted("c1"); len(got) != 1 {
				w.Errorf("c1 got %q, want the message", got)
			}
		})
	})
	t.Run("and stays when it does not come", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.connectAt(time.Now().Add(-20*time.Second), "c1", "ada", "lobby")
			w.poster.PostFunc = gone("c1")
			w.poster.ConfirmFunc = confirmGone
			if took := w.publish(w.Context()); took > 2*time.Second {
				w.Errorf("took %v, want 2 s at most", took)
			}
			w.wantMembers("c1")
			if posts, confirms := w.poster.Calls(); posts < 3 || confirms != 0 {
				w.Errorf("%d posts and %d confirms, want several and none", posts, confirms)
			}
		})
	})
	t.Run("until it is thirty seconds old", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.connectAt(time.Now().Add(-30*time.Second), "c1", "ada", "lobby")
			w.poster.PostFunc = gone("c1")
			w.poster.ConfirmFunc = confirmGone
			w.publish(w.Context())
			w.wantMembers()
		})
	})
}

func TestGoneCursorAndNotification(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		w.connect("c2", "bob", "lobby")
		w.connect("c3", "cyn")
		w.poster.PostFunc = gone("c2", "c3")
		w.poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		w.wantFrame(w.do("cursorMove", "c1", `{"action":"cursorMove","position":{"x":1,"y":2}}`), "")
		w.wantMembers("c1", "c2") // until a message finds out
		if f := encode(w.T, w.do("notify", "c1", `{"action":"notify","userId":"cyn","notification":1}`)); f == "" {
			w.Error("no ack")
		}
		if of, _ := w.memory.OfUser(w.Context(), "cyn"); len(of) != 0 {
			w.Errorf("connections of cyn: %v", of)
		}
	})
}
