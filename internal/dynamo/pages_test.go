package dynamo

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// TestMembersFollowsPages reads a room whose members fill more than one page
// of DynamoDB, which is 1 MB.
func TestMembersFollowsPages(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	connections := newConnections(api, newTable(t), time.Now)
	const many = 1500
	long := strings.Repeat("😀", 128) // 512 bytes (dynalite counts 256), three times in a member's row
	now := time.Now()
	inParallel(t, many, func(i int) error {
		return connections.Connect(t.Context(), members.Connection{
			ID: fmt.Sprintf("c%04d", i), UserID: long, Rooms: []members.Membership{{RoomID: long}},
			ConnectedAt: now, ExpiresAt: now.Add(time.Hour),
		})
	})
	api.taken()

	got, err := connections.Members(t.Context(), long, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, m := range got {
		ids[m.ConnectionID] = true
	}
	if len(got) != many || len(ids) != many {
		t.Errorf("got %d members, %d of them different, want %d", len(got), len(ids), many)
	}
	if calls := api.taken()["Query"]; calls < 2 {
		t.Errorf("read in %d page, so this tests nothing: make the rows larger", calls)
	}
	count, err := connections.Count(t.Context(), long, 0)
	if err != nil || count != many {
		t.Errorf("counted %d, %v, want %d", count, err, many)
	}
	if calls := api.taken()["Query"]; calls < 2 {
		t.Errorf("counted in %d page, so this tests nothing: make the rows larger", calls)
	}
	few, err := connections.Members(t.Context(), long, 0, 101)
	if err != nil || len(few) != 101 {
		t.Errorf("limit 101: got %d members, %v", len(few), err)
	}
	if calls := api.taken()["Query"]; calls != 1 {
		t.Errorf("limit 101: read in %d pages, want 1", calls)
	}
}

// TestEntriesFollowsPages reads a log that fills more than one page.
func TestEntriesFollowsPages(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	log := newLog(api, newTable(t), time.Now)
	const messages = 150
	inParallel(t, messages, func(i int) error {
		_, err := log.Put(t.Context(), roomlog.Entry{
			RoomID: "lobby", Seq: int64(i + 1), ID: fmt.Sprint(i), UserID: "ada", Message: strings.Repeat("a", 16<<10),
			Timestamp: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		})
		return err
	})
	api.taken()
	for _, test := range []struct {
		span        roomlog.Span
		first, last int64
		pages       int
	}{
		{roomlog.Span{From: 1, To: messages, Limit: messages}, 1, messages, 3},
		{roomlog.Span{From: 1, To: messages, Limit: messages, Newest: true}, 1, messages, 3},
		{roomlog.Span{From: 3, To: messages, Limit: 100}, 3, 102, 2},
		{roomlog.Span{From: 3, To: messages, Limit: 100, Newest: true}, 51, messages, 2},
		{roomlog.Span{From: 3, To: messages, Limit: 10}, 3, 12, 1},
	} {
		got, err := log.Entries(t.Context(), "lobby", test.span)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range got {
			if e.Seq != test.first+int64(i) {
				t.Fatalf("%+v: got seq %d after %d", test.span, e.Seq, test.first+int64(i)-1)
			}
		}
		if want := int(test.last - test.first + 1); len(got) != want {
			t.Errorf("%+v: got %d entries, want %d", test.span, len(got), want)
		}
		if pages := api.taken()["Query"]; pages != test.pages {
			t.Errorf("%+v: read in %d pages, want %d", test.span, pages, test.pages)
		}
	}
}

// TestWaitingFollowsPages reads, and trims, an inbox that fills more than one
// page.
func TestWaitingFollowsPages(t *testing.T) {
	t.Parallel()
	api := newCounting(client)
	inboxes := NewInboxes(api, newTable(t), time.Now)
	const notes = 100
	inParallel(t, notes, func(i int) error {
		_, err := inboxes.Add(t.Context(), "ada", inbox.Notification{
			ID: noteID(i), From: "bob", Notification: []byte(`"` + strings.Repeat("a", 16<<10) + `"`),
			Timestamp: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		})
		return err
	})
	api.taken()
	got, err := inboxes.List(t.Context(), "ada", noteID(1), notes)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range got {
		if n.ID != noteID(i+2) {
			t.Fatalf("got %s at %d, want %s", n.ID, i, noteID(i+2))
		}
	}
	if pages := api.taken()["Query"]; len(got) != notes-2 || pages != 2 {
		t.Errorf("got %d notifications in %d pages, want %d in 2", len(got), pages, notes-2)
	}
	if err := inboxes.Trim(t.Context(), "ada", 1); err != nil {
		t.Fatal(err)
	}
	got, err = inboxes.List(t.Context(), "ada", "", notes)
	if err != nil || len(got) != 1 || got[0].ID != noteID(notes-1) {
		t.Errorf("after the trim: got %d notifications, %v", len(got), err)
	}
	state, err := inboxes.State(t.Context(), "ada")
	if err != nil || state.Dropped != notes-1 {
		t.Errorf("dropped: got %d, %v, want %d", state.Dropped, err, notes-1)
	}
}

// noteID returns the nth id of a notification, in the shape of a ULID.
func noteID(n int) string { return fmt.Sprintf("01J%023d", n) }

// inParallel calls do with the numbers below n, a few at a time.
func inParallel(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	const workers = 4
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < n; i += workers {
				if err := do(i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
