package inbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	for i := range 3 {
		w.Answer("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%d}`, i+1))
	}
	// Both of the user's devices find what came while the user was away.
	const all = `{"type":"inbox","notifications":[` +
		`{"id":"id1","from":"ada","notification":1,"timestamp":1790000000123},` +
		`{"id":"id2","from":"ada","notification":2,"timestamp":1790000000123},` +
		`{"id":"id3","from":"ada","notification":3,"timestamp":1790000000123}]}`
	for _, device := range []string{"phone", "laptop"} {
		w.AddConnection(device, "bob")
		w.WantFrame(w.Answer("inbox", device, `{"action":"inbox"}`), all)
	}
	w.WantFrame(w.Answer("inbox", "phone", `{"action":"inbox","since":"id2","clientId":"x"}`),
		`{"type":"inbox","clientId":"x","notifications":[{"id":"id3","from":"ada","notification":3,"timestamp":1790000000123}]}`)
	w.WantFrame(w.Answer("ackNotification", "phone", `{"action":"ackNotification","ids":["id1","id3"],"clientId":"x"}`),
		`{"type":"ack","clientId":"x","ids":["id1","id3"]}`)
	w.WantFrame(w.Answer("inbox", "laptop", `{"action":"inbox"}`),
		`{"type":"inbox","notifications":[{"id":"id2","from":"ada","notification":2,"timestamp":1790000000123}]}`)
}

// TestAckOfAnothersNotification acknowledges another user's notification: the answer does
// not reveal whether it exists.
func TestAckOfAnothersNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "eve")
	w.AddConnection("c3", "bob")
	w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	for i, id := range []string{"id1", "never"} {
		w.Answer("notify", "c1", `{"action":"notify","userId":"eve","notification":2}`)
		w.WantFrame(w.Answer("ackNotification", "c2", fmt.Sprintf(`{"action":"ackNotification","ids":[%q,"id%d"]}`, id, i+2)),
			fmt.Sprintf(`{"type":"error","code":"unknown_notification","message":"ids: 1 not in your inbox: \"%s\"; the others were acknowledged"}`, id))
	}
	w.WantFrame(w.Answer("inbox", "c2", `{"action":"inbox"}`), `{"type":"inbox","notifications":[]}`)
	if f := realtimetest.Encode(t, w.Answer("inbox", "c3", `{"action":"inbox"}`)); !strings.Contains(f, `"id1"`) {
		t.Errorf("bob's inbox has %s, but eve cannot acknowledge his", f)
	}
}

// TestInboxIsBounded keeps the newest, and says how many were dropped.
func TestInboxIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.InboxLimit = 3 })
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	for i := range 5 {
		w.Answer("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%d}`, i+1))
	}
	read := func() protocol.Inbox { return w.Answer("inbox", "c2", `{"action":"inbox"}`).(protocol.Inbox) }
	page := read()
	var got []string
	for _, n := range page.Notifications {
		got = append(got, string(n.Notification))
	}
	if fmt.Sprint(got) != "[3 4 5]" || page.Dropped != 2 {
		t.Errorf("got %v and %d dropped", got, page.Dropped)
	}
	// The acknowledgement comes a second time after another one was dropped.
	for i, want := range []int64{0, 1} {
		if i == 1 {
			w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":6}`)
		}
		w.WantFrame(w.Answer("ackNotification", "c2", `{"action":"ackNotification","ids":[],"droppedUpTo":2}`), `{"type":"ack","ids":[]}`)
		if page := read(); page.Dropped != want || len(page.Notifications) != 3 {
			t.Errorf("after acknowledgement %d: got %+v, want %d dropped", i, page, want)
		}
	}
	if got := read().DroppedUpTo; got != 3 {
		t.Errorf("dropped up to %d, want 3", got)
	}
}

func TestInboxPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realtimetest.NoRates)
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	const count = 90
	big := strings.Repeat("n", 3000)
	for range count {
		w.Answer("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%q}`, big))
	}
	seen := map[string]bool{}
	since := ""
	for pages := 1; ; pages++ {
		frame := `{"action":"inbox"}`
		if since != "" {
			frame = fmt.Sprintf(`{"action":"inbox","since":%q}`, since)
		}
		page := w.Answer("inbox", "c2", frame).(protocol.Inbox)
		if n := len(realtimetest.Encode(t, page)); n > protocol.MaxFrame {
			t.Errorf("a frame has %d bytes", n)
		}
		for _, n := range page.Notifications {
			seen[n.ID] = true
			since = n.ID
		}
		if !page.More {
			break
		}
		if pages > count {
			t.Fatal("there is no end")
		}
	}
	if len(seen) != count {
		t.Errorf("got %d notifications, want %d", len(seen), count)
	}
}

// TestNotifyOnce sends copies of a notification: the inbox has it once, and it does not
// come back after it was acknowledged.
func TestNotifyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	const frame = `{"action":"notify","userId":"bob","notification":1,"clientId":"x"}`
	first := realtimetest.Encode(t, w.Answer("notify", "c1", frame))
	if again := realtimetest.Encode(t, w.Answer("notify", "c1", frame)); again != first {
		t.Errorf("the copy got %s, the first %s", again, first)
	}
	if page := w.Answer("inbox", "c2", `{"action":"inbox"}`).(protocol.Inbox); len(page.Notifications) != 1 {
		t.Errorf("the inbox has %+v", page)
	}
	for _, other := range []string{
		`{"action":"notify","userId":"bob","notification":2,"clientId":"x"}`,
		`{"action":"notify","userId":"cyn","notification":1,"clientId":"x"}`,
	} {
		w.WantFrame(w.Answer("notify", "c1", other),
			`{"type":"error","code":"bad_field","message":"clientId: \"x\" named another notification within the last 5m0s","clientId":"x"}`)
	}
	w.Answer("ackNotification", "c2", `{"action":"ackNotification","ids":["id1"]}`)
	w.Answer("notify", "c1", frame)
	w.WantFrame(w.Answer("inbox", "c2", `{"action":"inbox"}`), `{"type":"inbox","notifications":[]}`)
	const posted = `{"type":"notification","id":"id1","from":"ada","notification":1,"timestamp":1790000000123}`
	w.WantPosted("c2", posted, posted) // the copy after the acknowledgement is not posted
}

// frugal counts the notifications that are read.
type frugal struct {
	inbox.Store
	read int
}

func (f *frugal) List(ctx context.Context, userID, since string, limit int) ([]inbox.Notification, error) {
	notes, err := f.Store.List(ctx, userID, since, limit)
	f.read += len(notes)
	return notes, err
}

// TestInboxReadsLittleInVain reads an inbox of large notifications page by page: those that
// do not fit into a page are read again for the next.
func TestInboxReadsLittleInVain(t *testing.T) {
	t.Parallel()
	store := &frugal{}
	w := newWorld(t, realtimetest.NoRates, func(o *realtimetest.Options) { store.Store, o.Inboxes = o.Inboxes, store })
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	for range 40 {
		w.Answer("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%q}`, strings.Repeat("n", 15_000)))
	}
	store.read = 0
	pages := 1
	for since := ""; ; pages++ {
		page := w.Answer("inbox", "c2", fmt.Sprintf(`{"action":"inbox","since":"%s0"}`, since)).(protocol.Inbox)
		if !page.More {
			break
		}
		since = page.Notifications[len(page.Notifications)-1].ID
	}
	if store.read > 4*pages {
		t.Errorf("read %d notifications for %d pages", store.read, pages)
	}
}

// trims counts how often an inbox is trimmed.
type trims struct {
	inbox.Store
	count int
}

func (t *trims) Trim(ctx context.Context, userID string, keep int) error {
	t.count++
	return t.Store.Trim(ctx, userID, keep)
}

// TestTrimIsRare fills an inbox beyond its limit: the whole inbox is read only when it has
// grown by a quarter, and a reader sees no more than the limit.
func TestTrimIsRare(t *testing.T) {
	t.Parallel()
	store := &trims{}
	w := newWorld(t, realtimetest.NoRates, func(o *realtimetest.Options) {
		o.InboxLimit = 20
		store.Store, o.Inboxes = o.Inboxes, store
	})
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "bob")
	for range 80 { // 20 + 5, and then a trim for each 6
		w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	}
	if store.count != 10 {
		t.Errorf("trimmed %d times, want 10", store.count)
	}
	// The inbox of a user who acknowledges each notification immediately is trimmed no more
	// often than that.
	store.count = 0
	for range 60 {
		notes, err := w.Memory.List(t.Context(), "bob", "", 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Memory.Acknowledge(t.Context(), "bob", notes[0].ID); err != nil {
			t.Fatal(err)
		}
		w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	}
	if store.count > 10 {
		t.Errorf("trimmed %d times", store.count)
	}
	for range 3 {
		w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	}
	seen := 0
	for since := ""; ; {
		frame := `{"action":"inbox"}`
		if since != "" {
			frame = fmt.Sprintf(`{"action":"inbox","since":%q}`, since)
		}
		page := w.Answer("inbox", "c2", frame).(protocol.Inbox)
		seen += len(page.Notifications)
		if !page.More {
			break
		}
		since = page.Notifications[len(page.Notifications)-1].ID
	}
	if seen != 20 {
		t.Errorf("the reader sees %d, want 20", seen)
	}
}

// TestFloodOfAnInbox lets eve send many notifications to bob: they push out none of ada's,
// and none of the service that calls itself eve.
func TestFloodOfAnInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realtimetest.NoRates, func(o *realtimetest.Options) { o.InboxLimit = 10 })
	w.AddConnection("c1", "ada")
	w.AddConnection("c2", "eve")
	w.AddConnection("c3", "bob")
	for range 3 {
		w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	}
	if _, err := w.NotifyUsers(t.Context(), inbox.Notice{UserIDs: []string{"bob"}, From: "eve", Service: true, Notification: []byte("2")}); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		w.Answer("notify", "c2", `{"action":"notify","userId":"bob","notification":3}`)
	}
	var got []string
	page := w.Answer("inbox", "c3", `{"action":"inbox"}`).(protocol.Inbox)
	for _, n := range page.Notifications {
		got = append(got, n.From+string(n.Notification))
	}
	if want := "[ada1 ada1 ada1 eve2 eve3 eve3 eve3 eve3 eve3 eve3]"; fmt.Sprint(got) != want || page.Dropped != 44 {
		t.Errorf("got %v and %d dropped, want %s and 44", got, page.Dropped, want)
	}
}
