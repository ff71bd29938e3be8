package frames_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// pong is an action that counts how often it was done.
func pong(done *int, err error) frames.Action[protocol.Request] {
	return frames.Action[protocol.Request]{
		Decode: protocol.DecodePresence,
		Do: func(context.Context, *frames.Call, protocol.Request) (protocol.Answer, error) {
			*done++
			return protocol.Pong{Timestamp: 1}, err
		},
	}
}

// TestAnswers gives frames to an action, and compares what answers them.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const unavailable = `{"type":"error","code":"unavailable","message":"the server could not do this now, send it again","clientId":"k","retryAfterMs":1000}`
	for _, test := range []struct {
		name, body string
		err        error
		want       string
		logged     bool
	}{
		{name: "done", body: `{"action":"a","clientId":"k"}`, want: `{"type":"pong","clientId":"k","timestamp":1}`},
		{name: "no clientId", body: `{"action":"a"}`, want: `{"type":"pong","timestamp":1}`},
		{name: "a field is wrong", body: `{"action":"a","clientId":"k","roomId":1}`,
			want: `{"type":"error","code":"bad_field","message":"roomId: must be a string, got the number 1","clientId":"k"}`},
		{name: "an error for the client", body: `{"action":"a","clientId":"k"}`, err: protocol.Errorf(protocol.CodeForbidden, "no"),
			want: `{"type":"error","code":"forbidden","message":"no","clientId":"k"}`},
		{name: "another error", body: `{"action":"a","clientId":"k"}`, err: errors.New("the table is down"), want: unavailable, logged: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			p := frames.New(frames.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			done := 0
			got, err := protocol.Encode(p.Answer(t.Context(), frames.Frame{Action: "a", ConnectionID: "c1", Body: []byte(test.body)}, frames.Checks{}, pong(&done, test.err)))
			if err != nil || string(got) != test.want {
				t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
			}
			if said := log.String(); strings.Contains(said, "the table is down") != test.logged || strings.Contains(said, "connectionId=c1") != test.logged {
				t.Errorf("logged %q", said)
			}
		})
	}
}

// TestRateComesFirst sends more frames than a connection may: what is too much is
// neither decoded nor done, and answered with the frame's clientId.
func TestRateComesFirst(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	p := frames.New(frames.Options{FrameRate: 1, CursorRate: 1, Now: func() time.Time { return now }})
	done := 0
	do := func(rate frames.Rate, h frames.Handler, body string) string {
		got, err := protocol.Encode(p.Answer(t.Context(), frames.Frame{ConnectionID: "c1", Body: []byte(body)}, frames.Checks{Rate: rate}, h))
		if err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	const frame = `{"action":"a","clientId":"k"}`
	twice := pong(&done, nil)
	twice.Cost = 2 // all that a rate of 1 lets through at once
	do(frames.FrameRate, twice, frame)
	const refused = `{"type":"error","code":"rate_limited","message":"this connection may send 1 of these frames a second: send this one again later","clientId":"k","retryAfterMs":1000}`
	if got := do(frames.FrameRate, pong(&done, nil), frame); got != refused || done != 1 {
		t.Errorf("got %s, done %d times", got, done)
	}
	if got := do(frames.FrameRate, pong(&done, nil), `[`); !strings.Contains(got, `"rate_limited"`) {
		t.Errorf("a frame that cannot be decoded: got %s", got)
	}
	byRequest := pong(&done, nil)
	byRequest.CostOf = func(r protocol.Request) int { return len(r.RoomID) }
	if got := do(frames.FrameRate, byRequest, `{"action":"a","clientId":"k","roomId":"x"}`); got != refused {
		t.Errorf("a cost that the request decides about: got %s", got)
	}
	for range 3 {
		if got := do(frames.Unlimited, pong(&done, nil), frame); !strings.Contains(got, "pong") {
			t.Errorf("without a limit: got %s", got)
		}
	}
	if got := do(frames.CursorRate, pong(&done, nil), frame); !strings.Contains(got, "pong") {
		t.Errorf("cursors have a rate of their own: got %s", got)
	}
}

// TestWorkCounts has an action that finds out by its work what it costs.
func TestWorkCounts(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	p := frames.New(frames.Options{FrameRate: 10, Now: func() time.Time { return now }})
	work := frames.Action[protocol.Request]{
		Decode: protocol.DecodePresence,
		Do: func(_ context.Context, c *frames.Call, _ protocol.Request) (protocol.Answer, error) {
			if !c.ReceivedAt.Equal(now) {
				t.Errorf("received at %v", c.ReceivedAt)
			}
			if err := c.Spend(15); err != nil {
				return nil, err
			}
			c.Charge(8)
			return nil, nil
		},
	}
	f := frames.Frame{ConnectionID: "c1", Body: []byte(`{"action":"a","clientId":"k"}`)}
	if got := p.Answer(t.Context(), f, frames.Checks{}, work); got != nil {
		t.Errorf("got %v, want no answer", got)
	}
	e, _ := p.Answer(t.Context(), f, frames.Checks{}, work).(protocol.ErrorFrame)
	if e.Code != protocol.CodeRateLimited || e.ClientID != "k" || e.RetryAfterMs != 500 {
		t.Errorf("got %+v, want a wait of 4 frames of debt and one more", e)
	}
}

// TestForgottenPermission: an action that needs a permission, and does not check
// it, gives no answer.
func TestForgottenPermission(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := frames.New(frames.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	f := frames.Frame{Action: "a", ConnectionID: "c1", Body: []byte(`{"action":"a"}`)}
	checks := frames.Checks{Needs: []permission.Action{permission.Send}}
	done := 0
	e, _ := p.Answer(t.Context(), f, checks, pong(&done, nil)).(protocol.ErrorFrame)
	if e.Code != protocol.CodeUnavailable || !strings.Contains(log.String(), "did not check that the token permits to send") {
		t.Errorf("got %+v, logged %q", e, log.String())
	}
	checking := pong(&done, nil)
	checking.Do = func(_ context.Context, c *frames.Call, _ protocol.Request) (protocol.Answer, error) {
		if got := c.Needs(); len(got) != 1 || got[0] != permission.Send {
			t.Errorf("it needs %v", got)
		}
		return protocol.Pong{}, nil
	}
	if _, ok := p.Answer(t.Context(), f, checks, checking).(protocol.Pong); !ok {
		t.Error("an action that checks its permissions is not answered")
	}
}
