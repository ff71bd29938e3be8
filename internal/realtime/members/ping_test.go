package members_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

func TestPing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby")
	w.PublishText("lobby", "hello")
	for frame, want := range map[string]string{
		`{"action":"ping","clientId":"x"}`: `{"type":"pong","clientId":"x","timestamp":1790000000123}`,
		`{"action":"ping","rooms":[{"roomId":"tea","seq":3},{"roomId":"lobby"}]}`: `{"type":"pong","timestamp":1790000000123,"rooms":[` +
			`{"roomId":"tea","member":false},{"roomId":"lobby","member":true,"seq":1,"epoch":"id1"}]}`,
		`{"action":"ping","clientId":7}`: `{"type":"error","code":"bad_field","message":"clientId: must be a string, got the number 7"}`,
	} {
		w.WantFrame(w.Answer("ping", "c1", frame), want)
	}
}

// TestPresenceNeedsHeartbeats has a member that promised to ping, and one that promised
// nothing. The first becomes absent when it sends no ping, long before its row expires.
func TestPresenceNeedsHeartbeats(t *testing.T) {
	bubble(t, func(w *world) {
		for id, user := range map[string]string{"c1": "ada", "c2": "bob", "c3": "cyn"} {
			w.AddConnectionAt(time.Now(), id, user)
		}
		w.Answer("join", "c1", `{"action":"join","roomId":"lobby","heartbeat":60}`)
		w.Answer("join", "c2", `{"action":"join","roomId":"lobby"}`)
		w.Answer("join", "c3", `{"action":"join","roomId":"lobby","heartbeat":60}`)
		want := func(users string, count int) {
			w.Helper()
			w.WantFrame(w.Answer("presence", "c2", `{"action":"presence"}`),
				fmt.Sprintf(`{"type":"presence","roomId":"lobby","count":%d,"users":[%s]}`, count, users))
		}
		want(`"ada","bob","cyn"`, 3)
		for range 3 {
			time.Sleep(time.Minute)
			w.Answer("ping", "c1", `{"action":"ping","rooms":[{"roomId":"lobby"}],"heartbeat":60}`)
		}
		want(`"ada","bob"`, 2)
		// The function that stored when ada becomes absent had a clock 5 s behind, and the one
		// that reads it has a clock 5 s ahead.
		time.Sleep(99 * time.Second)
		want(`"ada","bob"`, 2)
		time.Sleep(3 * time.Second)
		want(`"bob"`, 1)
		// It is still a member: messages are posted to it.
		w.PublishText("lobby", "hello")
		if len(w.Poster.Posted("c1")) != 1 {
			w.Error("a member that is late with its heartbeat got no message")
		}
		time.Sleep(members.ConnectionLifetime)
		w.AddConnectionAt(time.Now(), "c4", "dan", "lobby")
		w.WantFrame(w.Answer("presence", "c4", `{"action":"presence"}`), `{"type":"presence","roomId":"lobby","count":1,"users":["dan"]}`)
	})
}

// TestPresenceOfNobody has only members whose heartbeat is overdue.
func TestPresenceOfNobody(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnectionAt(time.Now(), "c1", "ada")
		w.Answer("join", "c1", `{"action":"join","roomId":"lobby","heartbeat":1}`)
		time.Sleep(time.Minute)
		w.WantFrame(w.Answer("presence", "c1", `{"action":"presence"}`), `{"type":"presence","roomId":"lobby","count":0,"users":[]}`)
	})
}
