package dynamo

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// TestCalls counts what each action costs, against the list of calls that the
// constructs grant and the costs that the documentation states.
func TestCalls(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	poster := &realtimetest.Poster{}
	connections, messages := newTable(t), newTable(t)
	service := realtimetest.New(realtimetest.Options{
		Connections: newConnections(api, connections, time.Now),
		Log:         newLog(api, messages, time.Now),
		Sends:       NewSends(api, messages, time.Now),
		Inboxes:     NewInboxes(api, messages, time.Now),
		Buckets:     NewBuckets(api, connections),
		Slots:       NewSlots(api, connections, time.Now),
		Poster:      poster, Queue: &realtimetest.Queue{}, InboxLimit: 1,
		ShardSize: 1 << 30, // so that nobody counts a room by chance
	})
	ctx := t.Context()
	ends := time.Now().Add(time.Hour).Truncate(time.Second)
	connect := func(id, user string) {
		t.Helper()
		err := service.Connect(ctx, session.Handshake{
			Identity:     session.Identity{UserID: user, Permissions: permission.Everything(), TokenExpiresAt: ends},
			ConnectionID: id, At: time.Now().Add(-time.Minute), Query: map[string]string{"roomId": "lobby"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	do := func(answer func(context.Context, string, []byte) protocol.Frame, frame string) func() {
		return func() { answer(ctx, "c1", []byte(frame)) }
	}
	refresh := func(p permission.Permissions) func() {
		return func() {
			service.RefreshToken(ctx, "c1", protocol.Refresh{}, func(context.Context) (session.Identity, error) {
				return session.Identity{UserID: "ada", Permissions: p, TokenExpiresAt: ends}, nil
			})
		}
	}
	steps := []struct {
		name string
		do   func()
		want map[string]int
	}{
		{"connect", func() { connect("c1", "ada"); connect("c2", "bob") }, map[string]int{"GetItem": 4, "BatchWriteItem": 2, "PutItem": 8}},
		{"join", do(service.Join, `{"action":"join","roomId":"tea"}`),
			map[string]int{"UpdateItem": 1, "PutItem": 1, "GetItem": 3}},
		{"sendMessage", do(service.SendMessage, `{"action":"sendMessage","roomId":"lobby","message":"hi"}`),
			map[string]int{"GetItem": 1, "UpdateItem": 2, "PutItem": 1, "Query": 1}},
		{"sendMessage with a clientId", do(service.SendMessage, `{"action":"sendMessage","roomId":"lobby","message":"ho","clientId":"k1"}`),
			map[string]int{"GetItem": 2, "UpdateItem": 2, "PutItem": 2, "Query": 1}},
		{"a copy of it", do(service.SendMessage, `{"action":"sendMessage","roomId":"lobby","message":"ho","clientId":"k1"}`),
			map[string]int{"GetItem": 4, "UpdateItem": 1, "PutItem": 1, "Query": 1}},
		{"join with since", do(service.Join, `{"action":"join","roomId":"lobby","since":0,"epoch":""}`),
			map[string]int{"GetItem": 3, "UpdateItem": 1, "PutItem": 1, "Query": 1}},
		{"history", do(service.History, `{"action":"history","roomId":"lobby"}`),
			map[string]int{"GetItem": 2, "Query": 1}},
		{"cursorMove", do(service.CursorMove, `{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2}}`),
			map[string]int{"GetItem": 2, "Query": 1, "UpdateItem": 1}},
		{"cursorMove at once after it", do(service.CursorMove, `{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2}}`),
			map[string]int{"UpdateItem": 1}},
		{"notify", do(service.Notify, `{"action":"notify","userId":"bob","notification":1}`),
			map[string]int{"GetItem": 1, "PutItem": 1, "UpdateItem": 2, "Query": 1}},
		{"notify with a clientId into a full inbox", do(service.Notify, `{"action":"notify","userId":"bob","notification":2,"clientId":"k1"}`),
			map[string]int{"GetItem": 2, "PutItem": 3, "UpdateItem": 4, "Query": 2, "BatchWriteItem": 1}},
		{"inbox", do(service.Inbox, `{"action":"inbox"}`), map[string]int{"GetItem": 2, "Query": 1}},
		{"ackNotification", do(service.AckNotification, `{"action":"ackNotification","ids":["0"]}`),
			map[string]int{"GetItem": 1, "UpdateItem": 1}},
		{"ackNotification of dropped ones", do(service.AckNotification, `{"action":"ackNotification","ids":[],"droppedUpTo":3}`),
			map[string]int{"GetItem": 1, "UpdateItem": 1}},
		{"presence", do(service.Presence, `{"action":"presence","roomId":"lobby"}`),
			map[string]int{"GetItem": 2, "Query": 1}},
		{"ping", do(service.Ping, `{"action":"ping"}`), map[string]int{}},
		{"ping with a room", do(service.Ping, `{"action":"ping","rooms":[{"roomId":"lobby","seq":1}]}`),
			map[string]int{"UpdateItem": 1, "GetItem": 2}},
		{"leave", do(service.Leave, `{"action":"leave","roomId":"tea"}`), map[string]int{"GetItem": 2, "UpdateItem": 2, "DeleteItem": 1}}, // one update less half a minute after the join
		{"refresh", refresh(permission.Everything()), map[string]int{"GetItem": 1, "PutItem": 1, "UpdateItem": 1}},
		{"refresh that leaves a room", refresh(permission.Permissions{}),
			map[string]int{"GetItem": 2, "PutItem": 2, "UpdateItem": 3, "DeleteItem": 1}},
		{"the first look for what expires", func() { _, _ = service.Sweep(ctx) }, map[string]int{"Query": 2016}},
		{"nothing that expires", func() { _, _ = service.Sweep(ctx) }, map[string]int{"Query": 80}}, // 48 a minute later
		{"disconnect", func() { _ = service.Disconnect(ctx, "c1", time.Time{}) },
			map[string]int{"GetItem": 1, "BatchWriteItem": 2, "DeleteItem": 2}},
	}
	for _, step := range steps {
		step.do()
		if got := api.taken(); !maps.Equal(got, step.want) {
			t.Errorf("%s: made the calls %v, want %v", step.name, got, step.want)
		}
	}
	if got := poster.Posted("c2"); len(got) != 7 || !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, `"hi"`) }) {
		t.Errorf("c2 got %q, want three messages, two cursors and two notifications", got)
	}
}
