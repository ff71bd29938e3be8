package messages_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

func TestSendMessage(t *testing.T) {
	t.Parallel()
	const ack = `{"type":"ack","clientId":"x","roomId":"lobby","seq":1,"id":"id1","timestamp":1790000000123}`
	tests := []struct {
		name, frame, want string
		sent              bool
	}{
		{"to its room", `{"action":"sendMessage","roomId":"lobby","message":"hello","clientId":"x"}`, ack, true},
		{"to its only room", `{"action":"sendMessage","message":"hello","clientId":"x"}`, ack, true},
		{"without clientId", `{"action":"sendMessage","roomId":"lobby","message":"hello"}`,
			`{"type":"ack","roomId":"lobby","seq":1,"id":"id1","timestamp":1790000000123}`, true},
		{"as the seed's client does", `{"action":"sendMessage","roomId":"lobby","userId":"eve","message":"hello","timestamp":1}`, "", true},
		{"as someone else", `{"action":"sendMessage","roomId":"lobby","userId":"eve","message":"hello","clientId":"x"}`, ack, true},
		{"to another room", `{"action":"sendMessage","roomId":"tea","message":"hello","clientId":"x"}`,
			`{"type":"error","code":"not_in_room","message":"join the room \"tea\" before sending to it","clientId":"x"}`, false},
		{"nothing", `{"action":"sendMessage","roomId":"lobby","message":"","userId":"eve"}`,
			`{"type":"error","code":"bad_field","message":"message: must not be empty"}`, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.AddConnection("c1", "ada", "lobby")
			w.AddConnection("c2", "bob", "lobby", "tea")
			w.AddConnection("c3", "cyn", "tea")
			w.WantFrame(w.Answer("sendMessage", "c1", test.frame), test.want)
			var want []string
			if test.sent {
				want = []string{realtimetest.Hello}
			}
			w.WantPosted("c1", want...)
			w.WantPosted("c2", want...)
			w.WantPosted("c3")
			if got := w.Memory.Messages("lobby"); len(got) != len(want) {
				t.Errorf("the log has %v", got)
			}
		})
	}
}

func TestEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	receipt, err := w.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello"})
	if err != nil || receipt.ID != "id1" || receipt.Seq != 1 || !receipt.Timestamp.Equal(realtimetest.Noon) {
		t.Errorf("got %+v, %v", receipt, err)
	}
	e := w.Memory.Messages("lobby")[0]
	if e.ID != "id1" || e.UserID != "ada" || e.Message != "hello" || !e.Timestamp.Equal(realtimetest.Noon) || e.ExpiresAt.Sub(realtimetest.Noon) > roomlog.DefaultRetention.Age {
		t.Errorf("logged %+v", e)
	}
}

// TestDirectLimit sends to rooms around the limit: up to it every member is posted to,
// above it a job is queued and nobody is.
func TestDirectLimit(t *testing.T) {
	t.Parallel()
	for members, jobs := range map[int]int{1: 0, 3: 0, 4: 1, 9: 1} {
		t.Run(fmt.Sprint(members), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *realtimetest.Options) { o.DirectLimit = 3 })
			for i := range members {
				w.AddConnection(fmt.Sprintf("c%d", i), "ada", "lobby")
			}
			if _, err := w.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello"}); err != nil {
				t.Fatal(err)
			}
			posts, _ := w.Poster.Calls()
			if got := w.Queue.Jobs(); len(got) != jobs || posts != members*(1-jobs) {
				t.Fatalf("%d jobs and %d posts, want %d jobs", len(got), posts, jobs)
			}
			for _, j := range w.Queue.Jobs() {
				if j.RoomID != "lobby" || j.Seq != 1 || j.Shard != 0 || j.Frame != realtimetest.Hello {
					t.Errorf("queued %+v", j)
				}
				if err := w.App.Run(t.Context(), j); err != nil {
					t.Fatal(err)
				}
			}
			for i := range members {
				w.WantPosted(fmt.Sprintf("c%d", i), realtimetest.Hello)
			}
		})
	}
}

// TestDeliveryFailures breaks the steps after the append. The sender gets its ack if a job
// for the pending connections can be queued; otherwise it is asked to send again.
func TestDeliveryFailures(t *testing.T) {
	t.Parallel()
	const ack = `{"type":"ack","clientId":"x","roomId":"lobby","seq":1,"id":"id1","timestamp":1790000000123}`
	const unavailable = `{"type":"error","code":"unavailable","message":"the server could not do this now, send it again","clientId":"x","retryAfterMs":1000}`
	tests := map[string]struct {
		change func(*realtimetest.Options)
		want   string
	}{
		"members": {func(o *realtimetest.Options) { o.Connections = realtimetest.WithoutMembers{Connections: o.Connections} }, ack},
		"post":    {func(o *realtimetest.Options) { o.Poster = realtimetest.Refusing{} }, ack},
		"queue": {func(o *realtimetest.Options) {
			o.DirectLimit = 1
			o.Queue = realtimetest.BrokenQueue{}
		}, unavailable},
		"post and queue": {func(o *realtimetest.Options) {
			o.Poster = realtimetest.Refusing{}
			o.Queue = realtimetest.BrokenQueue{}
		}, unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.change)
			w.AddConnection("c1", "ada", "lobby")
			w.AddConnection("c2", "bob", "lobby")
			w.WantFrame(w.Answer("sendMessage", "c1", `{"action":"sendMessage","message":"secret","clientId":"x"}`), test.want)
			if log := w.Logged.String(); !strings.Contains(log, "on fire") || strings.Contains(log, "secret") {
				t.Errorf("logged %s", log)
			}
		})
	}
}
