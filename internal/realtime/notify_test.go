package realtime_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime"
)

func TestNotify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada")
	w.connect("c2", "bob")
	w.connect("c3", "bob", "lobby")
	w.connect("c4", "cyn", "lobby")
	w.wantFrame(w.do("notify", "c1", `{"action":"notify","userIds":["bob","eve"],"notification":{"text":"<hi>"},"clientId":"x"}`),
		`{"type":"ack","clientId":"x","id":"id1","delivered":2,"timestamp":1790000000123}`)
	const want = `{"type":"notification","id":"id1","from":"ada","notification":{"text":"<hi>"},"timestamp":1790000000123}`
	w.wantPosted("c1")
	w.wantPosted("c2", want)
	w.wantPosted("c3", want)
	w.wantPosted("c4")
	w.wantFrame(w.do("notify", "c1", `{"action":"notify","userId":"eve","notification":null}`),
		`{"type":"ack","id":"id2","delivered":0,"timestamp":1790000000123}`)
}

func TestNotifyManyUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var users []string
	for i := range 100 {
		users = append(users, fmt.Sprintf("user-%d", i))
		w.connect(fmt.Sprintf("c%d", i), users[i])
	}
	r, err := w.NotifyUsers(t.Context(), realtime.Notice{UserIDs: users, From: "ada", Notification: []byte(`1`)})
	if err != nil || r.Delivered != 100 {
		t.Errorf("got %+v, %v, want 100 delivered", r, err)
	}
}

// TestNotifyWithoutMembers cannot tell who is connected: the sender is asked to
// send again, and the notification waits in the inboxes.
func TestNotifyWithoutMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.Connections = withoutMembers{o.Connections} })
	w.connect("c2", "bob")
	_, err := w.NotifyUsers(t.Context(), realtime.Notice{UserIDs: []string{"bob", "cyn"}, From: "ada", Notification: []byte(`1`)})
	if posts, _ := w.poster.Calls(); !errors.Is(err, errBroken) || posts != 0 {
		t.Errorf("got %v after %d posts", err, posts)
	}
	w.wantFrame(w.do("inbox", "c2", `{"action":"inbox"}`),
		`{"type":"inbox","notifications":[{"id":"id1","from":"ada","notification":1,"timestamp":1790000000123}]}`)
}
