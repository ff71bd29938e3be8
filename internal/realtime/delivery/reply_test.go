package delivery_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestReply(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Reply(t.Context(), "c1", (&protocol.Error{Code: protocol.CodeNotInRoom, Message: "join first"}).Frame())
	w.WantPosted("c1", `{"type":"error","code":"not_in_room","message":"join first"}`)

	w.Poster.PostFunc = func(context.Context, string, []byte) error { return delivery.ErrGone }
	w.Reply(t.Context(), "c2", (&protocol.Error{Code: protocol.CodeNotInRoom}).Frame())
	if got := w.Logged.String(); !strings.Contains(got, "could not answer a frame") || !strings.Contains(got, "c2") {
		t.Errorf("logged %q", got)
	}
}

// TestReplyToAFlood floods a connection: each refusal costs a request of the account.
func TestReplyToAFlood(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	limited := (&protocol.Error{Code: protocol.CodeRateLimited, RetryAfter: time.Millisecond}).Frame()
	for range 100 {
		w.Reply(t.Context(), "c1", limited)
	}
	w.Reply(t.Context(), "c2", limited)
	if one, two := len(w.Poster.Posted("c1")), len(w.Poster.Posted("c2")); one != 1 || two != 1 {
		t.Errorf("posted %d refusals to the one, %d to the other, want one each", one, two)
	}
	now = now.Add(1100 * time.Millisecond)
	w.Reply(t.Context(), "c1", limited)
	if n := len(w.Poster.Posted("c1")); n != 2 {
		t.Errorf("posted %d refusals after a second, want 2", n)
	}
}
