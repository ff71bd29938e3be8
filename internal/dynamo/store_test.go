package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	realtimetest.TestStore(t, func(t *testing.T, now func() time.Time) realtimetest.Store {
		return realtimetest.Store{
			Connections: NewConnections(client, newTable(t), now),
			Log:         NewLog(client, newTable(t)),
		}
	})
}

// TestMembersFollowsPages reads a room whose members fill more than one page
// of DynamoDB, which is 1 MB.
func TestMembersFollowsPages(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	connections := NewConnections(api, newTable(t), time.Now)
	const members = 1500
	long := strings.Repeat("😀", 128) // 512 bytes (dynalite counts 256), three times in a member's row
	now := time.Now()
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := worker; i < members; i += 4 {
				err := connections.Connect(t.Context(), realtime.Connection{
					ID: fmt.Sprintf("c%04d", i), UserID: long, Rooms: []string{long},
					ConnectedAt: now, ExpiresAt: now.Add(time.Hour),
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	api.taken()

	got, err := connections.Members(t.Context(), long, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, m := range got {
		ids[m.ConnectionID] = true
	}
	if len(got) != members || len(ids) != members {
		t.Errorf("got %d members, %d of them different, want %d", len(got), len(ids), members)
	}
	if calls := api.taken()["Query"]; calls < 2 {
		t.Errorf("read in %d page, so this tests nothing: make the rows larger", calls)
	}
	few, err := connections.Members(t.Context(), long, 0, 101)
	if err != nil || len(few) != 101 {
		t.Errorf("limit 101: got %d members, %v", len(few), err)
	}
	if calls := api.taken()["Query"]; calls != 1 {
		t.Errorf("limit 101: read in %d pages, want 1", calls)
	}
}

// TestCalls counts what each action costs, against the list of calls that the
// constructs grant and the costs that the documentation states.
func TestCalls(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	poster := &realtimetest.Poster{}
	service := realtime.New(realtime.Options{
		Connections: NewConnections(api, newTable(t), time.Now),
		Log:         NewLog(api, newTable(t)),
		Poster:      poster, Queue: &realtimetest.Queue{},
	})
	ctx := t.Context()
	connect := func(id, user string) {
		t.Helper()
		err := service.Connect(ctx, realtime.Handshake{
			ConnectionID: id, At: time.Now(), Query: map[string]string{"userId": user, "roomId": "lobby"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name string
		do   func()
		want map[string]int
	}{
		{"connect", func() { connect("c1", "ada"); connect("c2", "bob") }, map[string]int{"BatchWriteItem": 2}},
		{"join", func() { service.Join(ctx, "c1", []byte(`{"action":"join","roomId":"tea"}`)) },
			map[string]int{"UpdateItem": 1, "PutItem": 1, "GetItem": 1}},
		{"sendMessage", func() {
			service.SendMessage(ctx, "c1", []byte(`{"action":"sendMessage","roomId":"lobby","message":"hi"}`))
		}, map[string]int{"GetItem": 1, "UpdateItem": 1, "PutItem": 1, "Query": 1}},
		{"cursorMove", func() {
			service.CursorMove(ctx, "c1", []byte(`{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2}}`))
		}, map[string]int{"GetItem": 1, "Query": 1}},
		{"notify", func() { service.Notify(ctx, "c1", []byte(`{"action":"notify","userId":"bob","notification":1}`)) },
			map[string]int{"GetItem": 1, "Query": 1}},
		{"presence", func() { service.Presence(ctx, "c1", []byte(`{"action":"presence","roomId":"lobby"}`)) },
			map[string]int{"GetItem": 1, "Query": 1}},
		{"leave", func() { service.Leave(ctx, "c1", []byte(`{"action":"leave","roomId":"tea"}`)) },
			map[string]int{"UpdateItem": 1, "DeleteItem": 1}},
		{"disconnect", func() { _ = service.Disconnect(ctx, "c1") },
			map[string]int{"GetItem": 1, "BatchWriteItem": 2}},
	}
	for _, step := range steps {
		step.do()
		if got := api.taken(); !maps.Equal(got, step.want) {
			t.Errorf("%s: made the calls %v, want %v", step.name, got, step.want)
		}
	}
	if got := poster.Posted("c2"); len(got) != 3 || !slices.ContainsFunc(got, func(f string) bool { return strings.Contains(f, `"hi"`) }) {
		t.Errorf("c2 got %q, want a message, a cursor and a notification", got)
	}
}
