package members_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, frame, want string
	}{
		{"empty room", `{"action":"join","roomId":"tea"}`,
			`{"type":"joined","roomId":"tea","seq":0,"epoch":"","recovered":false,"messages":[]}`},
		{"empty room as it was left", `{"action":"join","roomId":"tea","since":0,"epoch":""}`,
			`{"type":"joined","roomId":"tea","seq":0,"epoch":"","recovered":true,"messages":[]}`},
		{"room with messages", `{"action":"join","roomId":"lobby","clientId":"x"}`,
			`{"type":"joined","clientId":"x","roomId":"lobby","seq":2,"epoch":"id1","recovered":false,"messages":[]}`},
		{"nothing missed", `{"action":"join","roomId":"lobby","since":2,"epoch":"id1"}`,
			`{"type":"joined","roomId":"lobby","seq":2,"epoch":"id1","recovered":true,"messages":[]}`},
		{"one missed", `{"action":"join","roomId":"lobby","since":1,"epoch":"id1"}`,
			`{"type":"joined","roomId":"lobby","seq":2,"epoch":"id1","recovered":true,"messages":[{"roomId":"lobby","seq":2,"id":"id2","userId":"ada","message":"hi","timestamp":1790000000123}]}`},
		{"foreign epoch", `{"action":"join","roomId":"lobby","since":2,"epoch":"id9"}`,
			`{"type":"error","code":"unknown_position","message":"epoch: is not the room's, whose log has started again: join without since and epoch, and fetch again what you show"}`},
		{"no epoch", `{"action":"join","roomId":"lobby","since":2}`,
			`{"type":"error","code":"bad_field","message":"epoch: is missing: a since counts in one epoch only"}`},
		{"from the future", `{"action":"join","roomId":"lobby","since":3,"epoch":"id1"}`,
			`{"type":"error","code":"unknown_position","message":"since: 3 is beyond the room's newest message: join without since and epoch, and fetch again what you show"}`},
		{"no room", `{"action":"join","clientId":"x"}`,
			`{"type":"error","code":"bad_field","message":"roomId: is missing","clientId":"x"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.AddConnection("c1", "ada")
			for range 2 {
				w.PublishText("lobby", "hi")
			}
			w.WantFrame(w.Join(t.Context(), "c1", []byte(test.frame)), test.want)
		})
	}
}

func TestJoinedMemberGetsMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	w.Join(t.Context(), "c1", []byte(`{"action":"join","roomId":"tea"}`))
	w.SendMessage(t.Context(), "c1", []byte(`{"action":"sendMessage","message":"hi"}`))
	w.WantFrame(w.Leave(t.Context(), "c1", []byte(`{"action":"leave","roomId":"tea","clientId":"x"}`)),
		`{"type":"left","clientId":"x","roomId":"tea"}`)
	w.PublishText("tea", "unheard")
	w.WantPosted("c1", `{"type":"message","roomId":"tea","seq":1,"id":"id1","userId":"ada","message":"hi","timestamp":1790000000123}`)
}

func TestPresence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "bob", "lobby")
	w.AddConnection("c2", "ada", "lobby", "tea")
	w.AddConnection("c3", "ada", "lobby")
	w.WantFrame(w.Presence(t.Context(), "c1", []byte(`{"action":"presence","clientId":"x"}`)),
		`{"type":"presence","clientId":"x","roomId":"lobby","count":2,"users":["ada","bob"]}`)
	w.WantFrame(w.Presence(t.Context(), "c2", []byte(`{"action":"presence","clientId":"x"}`)),
		`{"type":"error","code":"room_required","message":"roomId: is missing, and this connection is in 2 rooms, not one","clientId":"x"}`)
	w.WantFrame(w.Presence(t.Context(), "c1", []byte(`{"action":"presence","roomId":"tea"}`)),
		`{"type":"error","code":"not_in_room","message":"join the room \"tea\" before asking who is there"}`)
}

func TestPresenceNamesSome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 150 {
		w.AddConnection(fmt.Sprintf("c%d", i), fmt.Sprintf("user-%03d", i), "lobby")
	}
	b := realtimetest.Encode(t, w.Presence(t.Context(), "c1", []byte(`{"action":"presence"}`)))
	if !strings.Contains(b, `"count":150,"users":["user-000","user-001",`) || !strings.HasSuffix(b, `"user-099"]}`) {
		t.Errorf("got %s, want a count of 150 and 100 names", b)
	}
}

// TestFailures asks for everything while the store fails: the client is asked
// to try again, the log says why, and the log does not say what was sent.
func TestFailures(t *testing.T) {
	t.Parallel()
	const unavailable = `{"type":"error","code":"unavailable","message":"the server could not do this now, send it again","clientId":"x","retryAfterMs":1000}`
	const unknown = `{"type":"error","code":"not_connected","message":"the server no longer knows this connection: connect again","clientId":"x"}`
	frames := map[string]string{
		"sendMessage": `{"action":"sendMessage","roomId":"lobby","message":"secret","clientId":"x"}`,
		"join":        `{"action":"join","roomId":"lobby","clientId":"x"}`,
		"history":     `{"action":"history","roomId":"lobby","clientId":"x"}`,
		"inbox":       `{"action":"inbox","clientId":"x"}`,
		"leave":       `{"action":"leave","roomId":"lobby","clientId":"x"}`,
		"cursorMove":  `{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2},"color":"secret","clientId":"x"}`,
		"notify":      `{"action":"notify","userId":"bob","notification":"secret","clientId":"x"}`,
		"presence":    `{"action":"presence","roomId":"lobby","clientId":"x"}`,

		"ackNotification": `{"action":"ackNotification","ids":["n1"],"clientId":"x"}`,
	}
	for action, frame := range frames {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *realtimetest.Options) {
				o.Connections, o.Log, o.Sends, o.Inboxes = realtimetest.Broken{}, realtimetest.Broken{}, realtimetest.Broken{}, realtimetest.Broken{}
			})
			w.WantFrame(w.Answer(action, "c1", frame), unavailable)
			if log := w.Logged.String(); !strings.Contains(log, "on fire") || !strings.Contains(log, "connectionId=c1") || strings.Contains(log, "secret") {
				t.Errorf("logged %s", log)
			}
		})
		if action == "leave" {
			continue // a connection that is not in the room may leave it
		}
		t.Run(action+" of an unknown connection", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.WantFrame(w.Answer(action, "c1", frame), unknown)
		})
	}
}

// TestLeaveOfAStray leaves a room that the connection does not list, but that lists it as a
// member in some shard.
func TestLeaveOfAStray(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 7} {
		w := newWorld(t)
		w.AddConnection("c1", "ada")
		if err := w.Memory.Resize(t.Context(), "lobby", shard.Layout{Shards: 8, Open: []int{2}, Version: 1}, realtimetest.Noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.Memory.Stray("c1", members.Membership{RoomID: "lobby", Shard: n})
		w.WantFrame(w.Answer("leave", "c1", `{"action":"leave","roomId":"lobby"}`), `{"type":"left","roomId":"lobby"}`)
		if left, _ := w.Memory.Count(t.Context(), "lobby", n); left != 0 {
			t.Errorf("it is still in shard %d", n)
		}
	}
}
