package realtime_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// spending counts the calls to the rates, which can be down.
type spending struct {
	realtime.Rates
	calls atomic.Int64
	down  bool
}

func (s *spending) Spend(ctx context.Context, userID string, window int64, most int, expiresAt time.Time) error {
	s.calls.Add(1)
	if s.down {
		return errBroken
	}
	return s.Rates.Spend(ctx, userID, window, most, expiresAt)
}

// code returns the code of an error frame, "" of any other.
func code(f protocol.Frame) protocol.Code {
	e, _ := f.(protocol.ErrorFrame)
	return e.Code
}

func TestMessageRate(t *testing.T) {
	t.Parallel()
	rates := &spending{}
	now := noon // 123 ms into a window of a second
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtime.Options) {
		rates.Rates, o.Rates = o.Rates, rates
		o.Limits = realtime.Limits{MessageRate: 4, MessageBurst: 8}
	})
	w.connect("c1", "ada", "lobby")
	w.connect("c2", "ada", "lobby")
	w.connect("c3", "bob", "lobby")
	send := func(id string) protocol.Frame {
		return w.do("sendMessage", id, `{"action":"sendMessage","message":"hi","clientId":"x"}`)
	}
	for i, step := range []struct {
		id   string
		do   func(id string) protocol.Frame
		want protocol.Code
	}{
		{"c1", send, ""}, {"c2", send, ""}, {"c1", send, ""}, // copies count
		{"c1", func(id string) protocol.Frame {
			return w.do("notify", id, `{"action":"notify","userId":"bob","notification":1}`)
		}, ""},
		{"c2", send, protocol.CodeRateLimited},
		{"c1", send, protocol.CodeRateLimited},
		{"c1", func(id string) protocol.Frame {
			return w.do("notify", id, `{"action":"notify","userId":"bob","notification":1}`)
		}, protocol.CodeRateLimited},
		{"c3", send, ""},
	} {
		if got := code(step.do(step.id)); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
	w.wantFrame(send("c1"),
		`{"type":"error","code":"rate_limited","message":"you may send 4 messages a second, and 8 at once: send this one again later","clientId":"x","retryAfterMs":877}`)
	// What a user spent was asked for once, and remembered from then on.
	if got := rates.calls.Load(); got != 6 {
		t.Errorf("counted %d times, want 4, once more, and once for bob", got)
	}
	if got := len(w.memory.Messages("lobby")); got != 2 {
		t.Errorf("%d messages in the log, want one of ada and one of bob", got)
	}
	now = noon.Add(877 * time.Millisecond)
	if got := code(send("c1")); got != "" {
		t.Errorf("in the next window: got %q", got)
	}
	rates.down = true
	if got := code(send("c1")); got != protocol.CodeUnavailable {
		t.Errorf("cannot count: got %q", got)
	}
}

// reading counts the connections that are read.
type reading struct {
	realtime.Connections
	calls int
}

func (r *reading) Connection(ctx context.Context, id string) (realtime.Connection, error) {
	r.calls++
	return r.Connections.Connection(ctx, id)
}

// TestAFloodReadsNothing sends on after a refusal.
func TestAFloodReadsNothing(t *testing.T) {
	t.Parallel()
	read := &reading{}
	now := noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtime.Options) {
		read.Connections, o.Connections = o.Connections, read
		o.Limits = realtime.Limits{MessageRate: 2, MessageBurst: 4}
	})
	w.connect("c1", "ada", "lobby")
	w.connect("c2", "bob", "lobby")
	for i, step := range []struct {
		action, id string
		want       protocol.Code
		read       int
	}{
		{"sendMessage", "c1", "", 1}, {"notify", "c1", "", 1},
		{"sendMessage", "c1", protocol.CodeRateLimited, 1}, // finds it out
		{"sendMessage", "c1", protocol.CodeRateLimited, 0},
		{"notify", "c1", protocol.CodeRateLimited, 0},
		{"sendMessage", "c2", "", 1},
	} {
		read.calls = 0
		frame := map[string]string{
			"sendMessage": `{"action":"sendMessage","message":"hi"}`,
			"notify":      `{"action":"notify","userId":"bob","notification":1}`,
		}[step.action]
		if got := code(w.do(step.action, step.id, frame)); got != step.want || read.calls != step.read {
			t.Errorf("step %d: got %q after %d reads, want %q after %d", i, got, read.calls, step.want, step.read)
		}
	}
	now = noon.Add(877 * time.Millisecond)
	if got := code(w.do("sendMessage", "c1", `{"action":"sendMessage","message":"hi"}`)); got != "" {
		t.Errorf("in the next window: got %q", got)
	}
}

// TestWhatIsNotCounted refuses frames for other reasons.
func TestWhatIsNotCounted(t *testing.T) {
	t.Parallel()
	rates := &spending{}
	w := newWorld(t, func(o *realtime.Options) { rates.Rates, o.Rates = o.Rates, rates })
	w.connect("c1", "ada", "lobby")
	for _, frame := range []string{
		`{"action":"sendMessage","message":""}`,
		`{"action":"sendMessage","roomId":"tea","message":"hi"}`,
	} {
		w.do("sendMessage", "c1", frame)
	}
	w.do("notify", "stranger", `{"action":"notify","userId":"bob","notification":1}`)
	w.publishText("lobby", "of the server's own")
	if got := rates.calls.Load(); got != 0 {
		t.Errorf("counted %d", got)
	}
}

// TestSendersAtOnce lets 200 connections of a user send as much as they can
// for 30 s, to four functions.
func TestSendersAtOnce(t *testing.T) {
	t.Parallel()
	const senders, functions, seconds, rate, burst = 200, 4, 30, 10, 20
	var clock atomic.Int64
	clock.Store(noon.UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	w := newWorldAt(t, now)
	services := []*realtime.Service{w.Service}
	for range functions - 1 {
		services = append(services, realtime.New(realtime.Options{
			Connections: w.memory, Log: w.memory, Sends: w.memory, Rates: w.memory, Poster: w.poster, Queue: w.queue, Now: now,
		}))
	}
	for i := range senders {
		w.connect(fmt.Sprint("c", i), "ada", "lobby")
	}
	var accepted, early atomic.Int64
	const step = 250 * time.Millisecond
	for range seconds * time.Second / step {
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				f := services[i%functions].SendMessage(t.Context(), fmt.Sprint("c", i), []byte(`{"action":"sendMessage","message":"hi"}`))
				switch e, refused := f.(protocol.ErrorFrame); {
				case !refused:
					accepted.Add(1)
				case e.Code != protocol.CodeRateLimited || e.RetryAfterMs <= 0 || e.RetryAfterMs > 1000:
					t.Errorf("got %+v", e)
				default:
					early.Add(1)
				}
			})
		}
		wg.Wait()
		clock.Add(int64(step))
	}
	if n := accepted.Load(); n > rate*seconds+burst || n < rate*seconds*95/100 {
		t.Errorf("accepted %d in %d s at %d a second and a burst of %d", n, seconds, rate, burst)
	}
	if got := int64(len(w.memory.Messages("lobby"))); got != accepted.Load() || early.Load() == 0 {
		t.Errorf("%d messages in the log, accepted %d, refused %d", got, accepted.Load(), early.Load())
	}
}
