package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestNotify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	w.AddConnection("c3", "bob", "lobby")
	w.AddConnection("c4", "cyn", "lobby")
	w.WantFrame(w.Answer("notify", "c1", `{"action":"notify","userIds":["bob","eve"],"notification":{"text":"<hi>"},"clientId":"x"}`),
		`{"type":"ack","clientId":"x","id":"id1","delivered":2,"timestamp":1790000000123}`)
	const want = `{"type":"notification","id":"id1","from":"ada","notification":{"text":"<hi>"},"timestamp":1790000000123}`
	w.WantPosted("c1")
	w.WantPosted("c2", want)
	w.WantPosted("c3", want)
	w.WantPosted("c4")
	w.WantFrame(w.Answer("notify", "c1", `{"action":"notify","userId":"eve","notification":null}`),
		`{"type":"ack","id":"id2","delivered":0,"timestamp":1790000000123}`)
}

func TestNotifyManyUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var users []string
	for i := range 100 {
		users = append(users, fmt.Sprintf("user-%d", i))
		w.AddConnection(fmt.Sprintf("c%d", i), users[i])
	}
	r, err := w.NotifyUsers(t.Context(), inbox.Notice{UserIDs: users, From: "ada", Notification: []byte(`1`)})
	if err != nil || r.Delivered != 100 {
		t.Errorf("got %+v, %v, want 100 delivered", r, err)
	}
}

// TestNotifyWithoutMembers cannot read who is connected: the sender is asked to send again,
// and the notification waits in the inboxes.
func TestNotifyWithoutMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = realtimetest.WithoutMembers{Connections: o.Connections} })
	w.AddConnection("c2", "bob")
	_, err := w.NotifyUsers(t.Context(), inbox.Notice{UserIDs: []string{"bob", "cyn"}, From: "ada", Notification: []byte(`1`)})
	if posts, _ := w.Poster.Calls(); !errors.Is(err, realtimetest.ErrBroken) || posts != 0 {
		t.Errorf("got %v after %d posts", err, posts)
	}
	w.WantFrame(w.Answer("inbox", "c2", `{"action":"inbox"}`),
		`{"type":"inbox","notifications":[{"id":"id1","from":"ada","notification":1,"timestamp":1790000000123}]}`)
}

// onOfUser does something before the connections of a user are read.
type onOfUser struct {
	realtimetest.Connections
	do func()
}

func (o *onOfUser) OfUser(ctx context.Context, userID string) ([]members.Member, error) {
	o.do()
	return o.Connections.OfUser(ctx, userID)
}

// TestAcknowledgedIsNotPosted acknowledges a notification while it is being posted: no
// device that connects later gets it.
func TestAcknowledgedIsNotPosted(t *testing.T) {
	t.Parallel()
	const frame = `{"action":"notify","userId":"bob","notification":1,"clientId":"x"}`
	now := realtimetest.Noon
	connections := &onOfUser{do: func() {}}
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		connections.Connections, o.Connections = o.Connections, connections
	})
	acknowledge := func(id string) {
		if err := w.Memory.Acknowledge(t.Context(), "bob", id); err != nil {
			t.Error(err)
		}
	}
	w.AddConnection("c1", "ada")
	w.AddConnectionAt(now.Add(-time.Minute), "old", "bob")
	connections.do = func() {
		connections.do = func() {}
		acknowledge("id1")
		w.AddConnectionAt(now.Add(time.Second), "new", "bob")
	}
	w.Answer("notify", "c1", frame)
	w.WantPosted("new")

	// A copy, after everything.
	now = now.Add(time.Minute)
	w.AddConnectionAt(now.Add(-10*time.Second), "newer", "bob")
	w.Answer("notify", "c1", frame)
	w.WantPosted("newer")
	w.WantPosted("old")

	// A job of the queue.
	post := func(id string) delivery.Job {
		return delivery.Job{NotificationID: id, Frame: `{"n":1}`, Pending: []delivery.Pending{
			{ConnectionID: "old", UserID: "bob"}, {ConnectionID: "c1", UserID: "ada"},
		}}
	}
	for _, user := range []string{"ada", "bob"} {
		if _, err := w.Memory.Add(t.Context(), user, inbox.Notification{ID: "id7", ExpiresAt: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	acknowledge("id7")
	if err := w.App.Run(t.Context(), post("id7")); err != nil {
		t.Error(err)
	}
	w.WantPosted("old")
	w.WantPosted("c1", `{"n":1}`)
}

// TestCopyIsPostedWhereItWaits sends a copy: a device that connected since the first gets
// it, unless it is acknowledged.
func TestCopyIsPostedWhereItWaits(t *testing.T) {
	t.Parallel()
	const frame = `{"action":"notify","userIds":["bob","cyn"],"notification":1,"clientId":"x"}`
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	w.Answer("notify", "c1", frame)
	w.AddConnectionAt(realtimetest.Noon, "c2", "bob")
	w.AddConnectionAt(realtimetest.Noon, "c3", "cyn")
	w.Answer("ackNotification", "c3", `{"action":"ackNotification","ids":["id1"]}`)
	w.Answer("notify", "c1", frame)
	w.WantPosted("c2", `{"type":"notification","id":"id1","from":"ada","notification":1,"timestamp":1790000000123}`)
	w.WantPosted("c3")
}
