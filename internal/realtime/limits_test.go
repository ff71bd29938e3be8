package realtime_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	const step = 100 * time.Millisecond
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

// TestFrameRate floods each action: what is too much is refused before
// anything is asked of a store.
func TestFrameRate(t *testing.T) {
	t.Parallel()
	for action, frame := range map[string]string{
		"sendMessage": `{"action":"sendMessage","message":"hi","clientId":"x"}`,
		"join":        `{"action":"join","roomId":"lobby","clientId":"x"}`,
		"leave":       `{"action":"leave","roomId":"tea","clientId":"x"}`,
		"history":     `{"action":"history","clientId":"x"}`,
		"inbox":       `{"action":"inbox","clientId":"x"}`,
		"cursorMove":  `{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2},"clientId":"x"}`,
		"notify":      `{"action":"notify","userId":"bob","notification":1,"clientId":"x"}`,
		"presence":    `{"action":"presence","clientId":"x"}`,
		"ping":        `{"action":"ping","clientId":"x"}`,

		"ackNotification": `{"action":"ackNotification","ids":["n1"],"clientId":"x"}`,
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			broken := &brokenStore{}
			now := noon
			w := newWorldAt(t, func() time.Time { return now }, func(o *realtime.Options) {
				broken.Connections, o.Connections = o.Connections, broken
				o.Limits = realtime.Limits{MessageRate: realtime.NoLimit, FrameRate: 4, CursorRate: 4}
			})
			w.connect("c1", "ada", "lobby")
			w.connect("c2", "ada", "lobby")
			for n := range 8 {
				if got := code(w.do(action, "c1", frame)); got == protocol.CodeRateLimited {
					t.Fatalf("refused frame %d", n)
				}
			}
			broken.down = true
			w.wantFrame(w.do(action, "c1", frame),
				`{"type":"error","code":"rate_limited","message":"this connection may send 4 of these frames a second: send this one again later","clientId":"x","retryAfterMs":250}`)
			if got := code(w.do(action, "c1", `[`)); got != protocol.CodeRateLimited {
				t.Errorf("what is no frame: got %q", got)
			}
			broken.down = false
			if got := code(w.do(action, "c2", frame)); got == protocol.CodeRateLimited {
				t.Error("refused another connection of the user")
			}
			now = now.Add(250 * time.Millisecond)
			if got := code(w.do(action, "c1", frame)); got == protocol.CodeRateLimited {
				t.Error("refused one that came after the wait")
			}
		})
	}
}

// TestPingCountsItsRooms pings with as many rooms as there may be, which
// counts as eleven frames.
func TestPingCountsItsRooms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.Limits.FrameRate = 11 })
	w.connect("c1", "ada")
	rooms := make([]string, protocol.MaxPingRooms)
	for i := range rooms {
		rooms[i] = fmt.Sprintf(`{"roomId":"room-%d","seq":0}`, i)
	}
	ping := `{"action":"ping","rooms":[` + strings.Join(rooms, ",") + `]}`
	for i, want := range []protocol.Code{"", "", protocol.CodeRateLimited} {
		if got := code(w.do("ping", "c1", ping)); got != want {
			t.Errorf("ping %d: got %q, want %q", i, got, want)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.Limits.MaxMessageBytes, o.Limits.NotifyUsers = 8, 2 })
	w.connect("c1", "ada", "lobby")
	for frame, want := range map[string]protocol.Code{
		`{"action":"sendMessage","message":"ééé12"}`:                                   "",
		`{"action":"sendMessage","message":"éééé1"}`:                                   protocol.CodeMessageTooLarge,
		`{"action":"notify","userId":"bob","notification":"123456"}`:                   "",
		`{"action":"notify","userId":"bob","notification":"1234567"}`:                  protocol.CodeMessageTooLarge,
		`{"action":"notify","userIds":["bob","cyn"],"notification":1}`:                 "",
		`{"action":"notify","userIds":["bob","cyn","bob"],"notification":1}`:           "",
		`{"action":"notify","userIds":["bob","cyn","dan"],"notification":1}`:           protocol.CodeBadField,
		`{"action":"notify","userIds":["bob","cyn","dan"],"notification":"123456789"}`: protocol.CodeBadField,
	} {
		action := "notify"
		if strings.Contains(frame, "sendMessage") {
			action = "sendMessage"
		}
		if got := code(w.do(action, "c1", frame)); got != want {
			t.Errorf("%s: got %q, want %q", frame, got, want)
		}
	}
	w.publishText("lobby", "of the server's own, and longer")
}

// TestPresenceOfALargeRoom asks again and again who is there.
func TestPresenceOfALargeRoom(t *testing.T) {
	t.Parallel()
	for members, reads := range map[int]int{3: 3, 4: 2} {
		store := &countingMembers{}
		now := noon
		w := newWorldAt(t, func() time.Time { return now }, func(o *realtime.Options) {
			o.DirectLimit = 3
			store.Connections, o.Connections = o.Connections, store
		})
		for i := range members {
			w.connect(fmt.Sprint("c", i), fmt.Sprint("user-", i), "lobby")
		}
		want := encode(t, w.do("presence", "c0", `{"action":"presence"}`))
		for range 2 {
			now = now.Add(1999 * time.Millisecond)
			if got := encode(t, w.do("presence", "c1", `{"action":"presence"}`)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if store.reads != reads {
			t.Errorf("%d members were read %d times, want %d", members, store.reads, reads)
		}
		if got := code(w.do("presence", "stranger", `{"action":"presence","roomId":"lobby"}`)); got != protocol.CodeNotConnected {
			t.Errorf("a stranger: got %q", got)
		}
	}
}

type countingMembers struct {
	realtime.Connections
	reads int
}

func (c *countingMembers) Members(ctx context.Context, roomID string, shard, limit int) ([]realtime.Member, error) {
	c.reads++
	return c.Connections.Members(ctx, roomID, shard, limit)
}

// TestWithoutStores uses what needs no store of the limits, without one.
func TestWithoutStores(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.Rates, o.Seats = nil, nil })
	w.connect("c1", "ada", "lobby")
	for _, action := range []string{"join", "leave", "history", "presence", "ping", "inbox"} {
		frame := fmt.Sprintf(`{"action":%q,"roomId":"lobby"}`, action)
		if got := code(w.do(action, "c1", frame)); got == protocol.CodeUnavailable {
			t.Errorf("%s: got %q", action, got)
		}
	}
	if err := w.Disconnect(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
	w = newWorld(t, unlimited, func(o *realtime.Options) {
		o.Rates, o.Seats = nil, nil
		o.Limits.ConnectionsPerIP, o.Limits.ConnectionsPerUser = realtime.NoLimit, realtime.NoLimit
	})
	if err := w.Connect(t.Context(), realtime.Handshake{
		ConnectionID: "c1", At: noon, Query: map[string]string{"userId": "ada", "roomId": "lobby"},
	}); err != nil {
		t.Error(err)
	}
	if got := w.do("sendMessage", "c1", `{"action":"sendMessage","message":"hi"}`); code(got) != "" {
		t.Errorf("got %+v", got)
	}
	if errors.Is(w.Disconnect(t.Context(), "c1"), errBroken) {
		t.Error("disconnect failed")
	}
}
