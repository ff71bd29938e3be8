package limits_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// TestFrameRate floods each action: frames over the rate are refused before any store is
// read.
func TestFrameRate(t *testing.T) {
	t.Parallel()
	weights := map[string]int{"join": 2, "leave": 2, "history": 5, "inbox": 5} // how many frames one of them counts for
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
			broken := &realtimetest.Outage{}
			now := realtimetest.Noon
			w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
				broken.Connections, o.Connections = o.Connections, broken
				o.Limits = limits.Limits{MessageRate: limits.Unlimited, FrameRate: 10, CursorRate: 10}
			})
			w.AddConnection("c1", "ada", "lobby")
			w.AddConnection("c2", "ada", "lobby")
			weight := max(weights[action], 1)
			for n := range 20 / weight {
				if got := realtimetest.Code(w.Answer(action, "c1", frame)); got == protocol.CodeRateLimited {
					t.Fatalf("refused frame %d", n)
				}
			}
			broken.Down = true
			w.WantFrame(w.Answer(action, "c1", frame),
				fmt.Sprintf(`{"type":"error","code":"rate_limited","message":"this connection may send 10 of these frames a second: send this one again later","clientId":"x","retryAfterMs":%d}`, weight*100))
			if got := realtimetest.Code(w.Answer(action, "c1", `[`)); got != protocol.CodeRateLimited {
				t.Errorf("an invalid frame: got %q", got)
			}
			broken.Down = false
			if got := realtimetest.Code(w.Answer(action, "c2", frame)); got == protocol.CodeRateLimited {
				t.Error("refused another connection of the user")
			}
			now = now.Add(time.Duration(weight) * 100 * time.Millisecond)
			if got := realtimetest.Code(w.Answer(action, "c1", frame)); got == protocol.CodeRateLimited {
				t.Error("refused one that came after the wait")
			}
		})
	}
}

// TestPingCountsItsRooms pings with the maximum of rooms, which counts as 51 frames.
func TestPingCountsItsRooms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Limits.FrameRate = 51 })
	w.AddConnection("c1", "ada")
	rooms := make([]string, protocol.MaxPingRooms)
	for i := range rooms {
		rooms[i] = fmt.Sprintf(`{"roomId":"room-%d","seq":0}`, i)
	}
	ping := `{"action":"ping","rooms":[` + strings.Join(rooms, ",") + `]}`
	for i, want := range []protocol.Code{"", "", protocol.CodeRateLimited} {
		if got := realtimetest.Code(w.Answer("ping", "c1", ping)); got != want {
			t.Errorf("ping %d: got %q, want %q", i, got, want)
		}
	}
}

// TestLowRateLetsLargeFramesThrough sends frames that cost more than a full bucket holds:
// they count as a full one.
func TestLowRateLetsLargeFramesThrough(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) { o.Limits.FrameRate = 10 })
	w.AddConnection("c1", "ada")
	rooms, ids := make([]string, protocol.MaxPingRooms), make([]string, protocol.MaxAckIDs)
	for i := range rooms {
		rooms[i], ids[i] = fmt.Sprintf(`{"roomId":"room-%d","seq":0}`, i), fmt.Sprintf(`"n%d"`, i)
	}
	for action, frame := range map[string]string{
		"ping":            `{"action":"ping","rooms":[` + strings.Join(rooms, ",") + `]}`,
		"ackNotification": `{"action":"ackNotification","ids":[` + strings.Join(ids, ",") + `]}`,
	} {
		for i, want := range []bool{false, true} {
			if got := realtimetest.Code(w.Answer(action, "c1", frame)) == protocol.CodeRateLimited; got != want {
				t.Errorf("%s %d: refused is %t", action, i, got)
			}
		}
		now = now.Add(time.Hour)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Limits.MaxMessageBytes, o.Limits.NotifyUsers = 8, 2 })
	w.AddConnection("c1", "ada", "lobby")
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
		if got := realtimetest.Code(w.Answer(action, "c1", frame)); got != want {
			t.Errorf("%s: got %q, want %q", frame, got, want)
		}
	}
	w.PublishText("lobby", "of the server's own, and longer")
}

// TestPresenceOfALargeRoom asks for presence again and again.
func TestPresenceOfALargeRoom(t *testing.T) {
	t.Parallel()
	for members, reads := range map[int]int{3: 3, 4: 2} {
		store := &countingMembers{}
		now := realtimetest.Noon
		w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
			o.DirectLimit = 3
			store.Connections, o.Connections = o.Connections, store
		})
		for i := range members {
			w.AddConnection(fmt.Sprint("c", i), fmt.Sprint("user-", i), "lobby")
		}
		want := realtimetest.Encode(t, w.Answer("presence", "c0", `{"action":"presence"}`))
		for range 2 {
			now = now.Add(1999 * time.Millisecond)
			if got := realtimetest.Encode(t, w.Answer("presence", "c1", `{"action":"presence"}`)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if store.reads != reads {
			t.Errorf("%d members were read %d times, want %d", members, store.reads, reads)
		}
		if got := realtimetest.Code(w.Answer("presence", "stranger", `{"action":"presence","roomId":"lobby"}`)); got != protocol.CodeNotConnected {
			t.Errorf("a stranger: got %q", got)
		}
	}
}

// TestJoinCountsItsPage joins again and again: a join that is answered with messages counts
// as a history, any other as two frames.
func TestJoinCountsItsPage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		since string
		taken int
	}{
		"without a position": {``, 10}, "nothing missed": {`,"since":1,"epoch":"id1"`, 10}, "a message missed": {`,"since":0,"epoch":""`, 4},
	} {
		w := newWorld(t, func(o *realtimetest.Options) { o.Limits.FrameRate = 10 })
		w.AddConnection("c1", "ada", "lobby")
		w.PublishText("lobby", "hi")
		taken := 0
		for realtimetest.Code(w.Answer("join", "c1", `{"action":"join","roomId":"lobby"`+test.since+`}`)) == "" {
			taken++
		}
		if taken != test.taken {
			t.Errorf("%s: %d were taken, want %d", name, taken, test.taken)
		}
	}
}

// TestPresenceCountsItsMembers asks for presence in a large room: it costs a frame for every
// 50 members, and the next frame waits for that.
func TestPresenceCountsItsMembers(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		o.DirectLimit, o.Limits.FrameRate = 100, 10
	})
	for i := range 1250 { // 25 frames, and the burst is 20
		w.AddConnection(fmt.Sprint("c", i), fmt.Sprint("user-", i), "large")
	}
	presence := `{"action":"presence"}`
	if got := realtimetest.Code(w.Answer("presence", "c1", presence)); got != "" {
		t.Fatalf("got %q", got)
	}
	f, _ := w.Answer("presence", "c1", presence).(protocol.ErrorFrame)
	if f.Code != protocol.CodeRateLimited || f.RetryAfterMs != 700 { // 1 + 25 + 1 of 20
		t.Errorf("the next one: got %+v", f)
	}
	if got := realtimetest.Code(w.Answer("presence", "c2", presence)); got != "" {
		t.Errorf("another connection: got %q", got)
	}
	for range 5 { // it is cached
		if got := realtimetest.Code(w.Answer("presence", "c2", presence)); got != "" {
			t.Errorf("what is remembered: got %q", got)
		}
	}
	now = now.Add(700 * time.Millisecond)
	if got := realtimetest.Code(w.Answer("presence", "c1", presence)); got != "" {
		t.Errorf("after the wait: got %q", got)
	}
}

type countingMembers struct {
	realtimetest.Connections
	reads int
}

func (c *countingMembers) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	c.reads++
	return c.Connections.Members(ctx, roomID, shard, limit)
}

// TestWithoutStores has no stores of limits, and uses only what needs none.
func TestWithoutStores(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Buckets, o.Slots = nil, nil })
	w.AddConnection("c1", "ada", "lobby")
	for _, action := range []string{"join", "leave", "history", "presence", "ping", "inbox"} {
		frame := fmt.Sprintf(`{"action":%q,"roomId":"lobby"}`, action)
		if got := realtimetest.Code(w.Answer(action, "c1", frame)); got == protocol.CodeUnavailable {
			t.Errorf("%s: got %q", action, got)
		}
	}
	if err := w.Disconnect(t.Context(), "c1", time.Time{}); err != nil {
		t.Error(err)
	}
	w = newWorld(t, realtimetest.NoRates, func(o *realtimetest.Options) {
		o.Buckets, o.Slots = nil, nil
		o.Limits.ConnectionsPerIP, o.Limits.ConnectionsPerUser = limits.Unlimited, limits.Unlimited
	})
	if err := w.Connect(t.Context(), session.Handshake{
		ConnectionID: "c1", At: realtimetest.Noon, Query: map[string]string{"roomId": "lobby"},
		Identity: session.Identity{UserID: "ada", Permissions: permission.Everything()},
	}); err != nil {
		t.Error(err)
	}
	if got := w.Answer("sendMessage", "c1", `{"action":"sendMessage","message":"hi"}`); realtimetest.Code(got) != "" {
		t.Errorf("got %+v", got)
	}
	if errors.Is(w.Disconnect(t.Context(), "c1", time.Time{}), realtimetest.ErrBroken) {
		t.Error("disconnect failed")
	}
}
