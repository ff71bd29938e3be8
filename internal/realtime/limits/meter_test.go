package limits_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// spending counts the calls to the buckets, which can be down.
type spending struct {
	limits.Buckets
	calls atomic.Int64
	down  bool
}

func (s *spending) Withdraw(ctx context.Context, key limits.BucketKey, sp limits.Withdrawal) (time.Time, error) {
	s.calls.Add(1)
	if s.down {
		return time.Time{}, realtimetest.ErrBroken
	}
	return s.Buckets.Withdraw(ctx, key, sp)
}

func TestMessageRate(t *testing.T) {
	t.Parallel()
	rates := &spending{}
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		rates.Buckets, o.Buckets = o.Buckets, rates
		o.Limits = limits.Limits{MessageRate: 4, MessageBurst: 4}
	})
	w.AddConnection("c1", "ada", "lobby")
	w.AddConnection("c2", "ada", "lobby")
	w.AddConnection("c3", "bob", "lobby")
	send := func(id string) protocol.Frame {
		return w.Answer("sendMessage", id, `{"action":"sendMessage","message":"hi","clientId":"x"}`)
	}
	notify := func(id string) protocol.Frame {
		return w.Answer("notify", id, `{"action":"notify","userId":"bob","notification":1}`)
	}
	for i, step := range []struct {
		id   string
		do   func(id string) protocol.Frame
		want protocol.Code
	}{
		{"c1", send, ""}, {"c2", send, ""}, {"c1", send, ""}, // copies count
		{"c1", notify, ""},
		{"c2", send, protocol.CodeRateLimited}, {"c1", send, protocol.CodeRateLimited}, {"c1", notify, protocol.CodeRateLimited},
		{"c3", send, ""},
	} {
		if got := realtimetest.Code(step.do(step.id)); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
	w.WantFrame(send("c1"),
		`{"type":"error","code":"rate_limited","message":"you may send 4 messages a second, and 4 at once: send this one again later","clientId":"x","retryAfterMs":500}`) // half of what it may send at once
	// A withdrawal that is known to be impossible makes no call.
	if got := rates.calls.Load(); got != 5 {
		t.Errorf("counted %d times, want 4, and once for bob", got)
	}
	if got := len(w.Memory.Messages("lobby")); got != 2 {
		t.Errorf("%d messages in the log, want one of ada and one of bob", got)
	}
	now = realtimetest.Noon.Add(249 * time.Millisecond)
	if got := realtimetest.Code(send("c1")); got != protocol.CodeRateLimited {
		t.Errorf("too early: got %q", got)
	}
	now = realtimetest.Noon.Add(250 * time.Millisecond)
	if got := realtimetest.Code(send("c1")); got != "" {
		t.Errorf("after the wait: got %q", got)
	}
	now, rates.down = realtimetest.Noon.Add(time.Hour), true
	if got := realtimetest.Code(send("c1")); got != protocol.CodeUnavailable {
		t.Errorf("cannot count: got %q", got)
	}
}

// TestWhatCountsForMore sends what costs more than a message, immediately one after the
// other until one is refused, and again once the wait is over.
func TestWhatCountsForMore(t *testing.T) {
	t.Parallel()
	users := func(n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("%q", fmt.Sprint("user-", i)))
		}
		return strings.Join(names, ",")
	}
	notify := func(n, bytes int) string {
		return fmt.Sprintf(`{"action":"notify","userIds":[%s],"notification":%q}`, users(n), strings.Repeat("n", bytes-2))
	}
	message := func(bytes int) string {
		return fmt.Sprintf(`{"action":"sendMessage","message":%q}`, strings.Repeat("m", bytes))
	}
	for name, test := range map[string]struct {
		action, frame string
		taken         int           // of 20 in a burst
		wait          time.Duration // then, at 10 a second
		counts        int
		says          string
	}{
		"a message":              {"sendMessage", message(4095), 20, 100 * time.Millisecond, 1, "20 at once: send"},
		"a large message":        {"sendMessage", message(4096), 10, 200 * time.Millisecond, 2, "this counts as 2"},
		"the largest message":    {"sendMessage", message(16384), 4, 500 * time.Millisecond, 5, "this counts as 5"},
		"one user":               {"notify", notify(1, 100), 20, 100 * time.Millisecond, 1, "20 at once: send"},
		"three users":            {"notify", notify(3, 100), 6, 100 * time.Millisecond, 3, "this counts as 3"},
		"as many as there are":   {"notify", notify(20, 100), 1, 2 * time.Second, 20, "this counts as 20"},
		"more than there are":    {"notify", notify(100, 100), 1, 10 * time.Second, 100, "this counts as 100"},
		"the most there is":      {"notify", notify(100, 16384), 1, 50 * time.Second, 500, "this counts as 500"},
		"a large one for a user": {"notify", notify(1, 16384), 4, 500 * time.Millisecond, 5, "this counts as 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := realtimetest.Noon
			w := newWorldAt(t, func() time.Time { return now })
			w.AddConnection("c1", "ada", "lobby")
			w.AddConnection("c2", "ada", "lobby")
			for round := range 3 {
				taken := 0
				f := w.Answer(test.action, "c1", test.frame)
				for ; realtimetest.Code(f) == "" && taken < 100; f = w.Answer(test.action, "c1", test.frame) {
					taken++
				}
				want := test.taken
				if round > 0 {
					want = 1
				}
				e, _ := f.(protocol.ErrorFrame)
				if taken != want || e.Code != protocol.CodeRateLimited || !strings.Contains(e.Message, test.says) {
					t.Fatalf("round %d: %d were taken, then %+v, want %d, and an error that says %q", round, taken, f, want, test.says)
				}
				// Another function, with empty caches, answers the same.
				fresh := realtimetest.New(realtimetest.Options{Connections: w.Memory, Buckets: w.Memory, Now: func() time.Time { return now }})
				f = fresh.Notify(t.Context(), "c2", []byte(notify(100, 16384)))
				if realtimetest.Code(f) != protocol.CodeRateLimited {
					t.Errorf("another function: got %+v", f)
				}
				wait := test.wait
				if round > 0 {
					wait = time.Duration(test.counts) * 100 * time.Millisecond
				}
				// It may come then, and is asked to come when the bucket is half full.
				if asked := time.Duration(e.RetryAfterMs) * time.Millisecond; asked < wait || asked > max(wait, time.Second) || asked < 800*time.Millisecond {
					t.Errorf("round %d: is asked to wait %v, want %v or up to a second", round, asked, wait)
				}
				now = now.Add(wait - time.Millisecond)
				if got := realtimetest.Code(w.Answer(test.action, "c1", test.frame)); got != protocol.CodeRateLimited {
					t.Errorf("round %d: before the end of the wait: got %q", round, got)
				}
				now = now.Add(time.Millisecond)
			}
		})
	}
}

// TestNotifyIsBoundByItsUsers sends as many notifications to as many users as possible for
// a minute: inboxes get no more of them than a user may send, and the one that goes into
// debt.
func TestNotifyIsBoundByItsUsers(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) { o.Limits.FrameRate = limits.Unlimited })
	w.AddConnection("c1", "ada")
	var users []string
	for i := range 100 {
		users = append(users, fmt.Sprintf("%q", fmt.Sprint("user-", i)))
	}
	frame := `{"action":"notify","userIds":[` + strings.Join(users, ",") + `],"notification":1}`
	kept := 0
	for ; now.Before(realtimetest.Noon.Add(time.Minute)); now = now.Add(50 * time.Millisecond) {
		if realtimetest.Code(w.Answer("notify", "c1", frame)) == "" {
			kept += len(users)
		}
	}
	if kept < 500 || kept > 600+100 {
		t.Errorf("kept %d in a minute at 10 a second", kept)
	}
}

// reading counts the connections that are read.
type reading struct {
	realtimetest.Connections
	calls int
}

func (r *reading) Connection(ctx context.Context, id string) (members.Connection, error) {
	r.calls++
	return r.Connections.Connection(ctx, id)
}

// TestAFloodReadsNothing keeps sending after a refusal.
func TestAFloodReadsNothing(t *testing.T) {
	t.Parallel()
	read := &reading{}
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		read.Connections, o.Connections = o.Connections, read
		o.Limits = limits.Limits{MessageRate: 2, MessageBurst: 2}
	})
	w.AddConnection("c1", "ada", "lobby")
	w.AddConnection("c2", "bob", "lobby")
	for i, step := range []struct {
		action, id string
		want       protocol.Code
		read       int
	}{
		{"sendMessage", "c1", "", 1}, {"notify", "c1", "", 1},
		{"sendMessage", "c1", protocol.CodeRateLimited, 1}, // caches whose connection it is
		{"sendMessage", "c1", protocol.CodeRateLimited, 0},
		{"notify", "c1", protocol.CodeRateLimited, 0},
		{"sendMessage", "c2", "", 1},
	} {
		read.calls = 0
		frame := map[string]string{
			"sendMessage": `{"action":"sendMessage","message":"hi"}`,
			"notify":      `{"action":"notify","userId":"bob","notification":1}`,
		}[step.action]
		if got := realtimetest.Code(w.Answer(step.action, step.id, frame)); got != step.want || read.calls != step.read {
			t.Errorf("step %d: got %q after %d reads, want %q after %d", i, got, read.calls, step.want, step.read)
		}
	}
	now = realtimetest.Noon.Add(500 * time.Millisecond)
	if got := realtimetest.Code(w.Answer("sendMessage", "c1", `{"action":"sendMessage","message":"hi"}`)); got != "" {
		t.Errorf("after the wait: got %q", got)
	}
}

// TestWhatIsNotCounted refuses frames for other reasons.
func TestWhatIsNotCounted(t *testing.T) {
	t.Parallel()
	rates := &spending{}
	w := newWorld(t, func(o *realtimetest.Options) { rates.Buckets, o.Buckets = o.Buckets, rates })
	w.AddConnection("c1", "ada", "lobby")
	for _, frame := range []string{
		`{"action":"sendMessage","message":""}`,
		`{"action":"sendMessage","roomId":"tea","message":"hi"}`,
	} {
		w.Answer("sendMessage", "c1", frame)
	}
	w.Answer("notify", "stranger", `{"action":"notify","userId":"bob","notification":1}`)
	w.PublishText("lobby", "of the server's own")
	if got := rates.calls.Load(); got != 0 {
		t.Errorf("counted %d", got)
	}
}

// TestSendersConcurrently lets 200 connections of a user send as much as they can for 30 s,
// to four functions.
func TestSendersConcurrently(t *testing.T) {
	t.Parallel()
	const senders, functions, seconds, rate, burst = 200, 4, 30, 10, 20
	var clock atomic.Int64
	clock.Store(realtimetest.Noon.UnixNano())
	now := func() time.Time { return time.Unix(0, clock.Load()) }
	w := newWorldAt(t, now)
	services := []*realtimetest.App{w.App}
	for range functions - 1 {
		services = append(services, realtimetest.New(realtimetest.Options{
			Connections: w.Memory, Log: w.Memory, Sends: w.Memory, Buckets: w.Memory, Poster: w.Poster, Queue: w.Queue, Now: now,
		}))
	}
	for i := range senders {
		w.AddConnection(fmt.Sprint("c", i), "ada", "lobby")
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
	if got := int64(len(w.Memory.Messages("lobby"))); got != accepted.Load() || early.Load() == 0 {
		t.Errorf("%d messages in the log, accepted %d, refused %d", got, accepted.Load(), early.Load())
	}
}
