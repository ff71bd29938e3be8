package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada")
	for i := range 3 {
		w.do("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%d}`, i+1))
	}
	// Both of the user's devices find what came while it was away.
	const all = `{"type":"inbox","notifications":[` +
		`{"id":"id1","from":"ada","notification":1,"timestamp":1790000000123},` +
		`{"id":"id2","from":"ada","notification":2,"timestamp":1790000000123},` +
		`{"id":"id3","from":"ada","notification":3,"timestamp":1790000000123}]}`
	for _, device := range []string{"phone", "laptop"} {
		w.connect(device, "bob")
		w.wantFrame(w.do("inbox", device, `{"action":"inbox"}`), all)
	}
	w.wantFrame(w.do("inbox", "phone", `{"action":"inbox","since":"id2","clientId":"x"}`),
		`{"type":"inbox","clientId":"x","notifications":[{"id":"id3","from":"ada","notification":3,"timestamp":1790000000123}]}`)
	w.wantFrame(w.do("ackNotification", "phone", `{"action":"ackNotification","ids":["id1","id3"],"clientId":"x"}`),
		`{"type":"ack","clientId":"x","ids":["id1","id3"]}`)
	w.wantFrame(w.do("inbox", "laptop", `{"action":"inbox"}`),
		`{"type":"inbox","notifications":[{"id":"id2","from":"ada","notification":2,"timestamp":1790000000123}]}`)
}

// TestAckOfAnothersNotification does not tell whether there is such a one.
func TestAckOfAnothersNotification(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada")
	w.connect("c2", "eve")
	w.connect("c3", "bob")
	w.do("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
	for i, id := range []string{"id1", "never"} {
		w.do("notify", "c1", `{"action":"notify","userId":"eve","notification":2}`)
		w.wantFrame(w.do("ackNotification", "c2", fmt.Sprintf(`{"action":"ackNotification","ids":[%q,"id%d"]}`, id, i+2)),
			fmt.Sprintf(`{"type":"error","code":"unknown_notification","message":"ids: 1 not in your inbox: \"%s\"; the others were acknowledged"}`, id))
	}
	w.wantFrame(w.do("inbox", "c2", `{"action":"inbox"}`), `{"type":"inbox","notifications":[]}`)
	if f := encode(t, w.do("inbox", "c3", `{"action":"inbox"}`)); !strings.Contains(f, `"id1"`) {
		t.Errorf("bob's inbox has %s, but eve cannot acknowledge his", f)
	}
}

// TestInboxIsBounded keeps the newest, and says how many were dropped.
func TestInboxIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtime.Options) { o.InboxLimit = 3 })
	w.connect("c1", "ada")
	w.connect("c2", "bob")
	for i := range 5 {
		w.do("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%d}`, i+1))
	}
	read := func() protocol.Inbox { return w.do("inbox", "c2", `{"action":"inbox"}`).(protocol.Inbox) }
	page := read()
	var got []string
	for _, n := range page.Notifications {
		got = append(got, string(n.Notification))
	}
	if fmt.Sprint(got) != "[3 4 5]" || page.Dropped != 2 {
		t.Errorf("got %v and %d dropped", got, page.Dropped)
	}
	w.wantFrame(w.do("ackNotification", "c2", `{"action":"ackNotification","ids":[],"dropped":2}`), `{"type":"ack","ids":[]}`)
	if page := read(); page.Dropped != 0 || len(page.Notifications) != 3 {
		t.Errorf("after the acknowledgement: got %+v", page)
	}
}

func TestInboxPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unlimited)
	w.connect("c1", "ada")
	w.connect("c2", "bob")
	const count = 90
	big := strings.Repeat("n", 3000)
	for range count {
		w.do("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%q}`, big))
	}
	seen := map[string]bool{}
	since := ""
	for pages := 1; ; pages++ {
		frame := `{"action":"inbox"}`
		if since != "" {
			frame = fmt.Sprintf(`{"action":"inbox","since":%q}`, since)
		}
		page := w.do("inbox", "c2", frame).(protocol.Inbox)
		if n := len(encode(t, page)); n > protocol.MaxFrame {
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

// TestNotifyOnce sends copies of a notification: it lies in the inbox once, and
// does not come back once it was acknowledged.
func TestNotifyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada")
	w.connect("c2", "bob")
	const frame = `{"action":"notify","userId":"bob","notification":1,"clientId":"x"}`
	first := encode(t, w.do("notify", "c1", frame))
	if again := encode(t, w.do("notify", "c1", frame)); again != first {
		t.Errorf("the copy got %s, the first %s", again, first)
	}
	if page := w.do("inbox", "c2", `{"action":"inbox"}`).(protocol.Inbox); len(page.Notifications) != 1 {
		t.Errorf("the inbox has %+v", page)
	}
	for _, other := range []string{
		`{"action":"notify","userId":"bob","notification":2,"clientId":"x"}`,
		`{"action":"notify","userId":"cyn","notification":1,"clientId":"x"}`,
	} {
		w.wantFrame(w.do("notify", "c1", other),
			`{"type":"error","code":"bad_field","message":"clientId: \"x\" was given to another notification within the last 5m0s","clientId":"x"}`)
	}
	w.do("ackNotification", "c2", `{"action":"ackNotification","ids":["id1"]}`)
	w.do("notify", "c1", frame)
	w.wantFrame(w.do("inbox", "c2", `{"action":"inbox"}`), `{"type":"inbox","notifications":[]}`)
	const posted = `{"type":"notification","id":"id1","from":"ada","notification":1,"timestamp":1790000000123}`
	w.wantPosted("c2", posted, posted, posted)
}

// frugal counts the notifications that are read.
type frugal struct {
	realtime.Inboxes
	read int
}

func (f *frugal) Waiting(ctx context.Context, userID, since string, limit int) ([]realtime.Note, error) {
	notes, err := f.Inboxes.Waiting(ctx, userID, since, limit)
	f.read += len(notes)
	return notes, err
}

// TestInboxReadsLittleInVain reads an inbox of large notifications page by page:
// what does not fit in a page is read again for the next.
func TestInboxReadsLittleInVain(t *testing.T) {
	t.Parallel()
	store := &frugal{}
	w := newWorld(t, unlimited, func(o *realtime.Options) { store.Inboxes, o.Inboxes = o.Inboxes, store })
	w.connect("c1", "ada")
	w.connect("c2", "bob")
	for range 40 {
		w.do("notify", "c1", fmt.Sprintf(`{"action":"notify","userId":"bob","notification":%q}`, strings.Repeat("n", 15_000)))
	}
	store.read = 0
	pages := 1
	for since := ""; ; pages++ {
		page := w.do("inbox", "c2", fmt.Sprintf(`{"action":"inbox","since":"%s0"}`, since)).(protocol.Inbox)
		if !page.More {
			break
		}
		since = page.Notifications[len(page.Notifications)-1].ID
	}
	if store.read > 4*pages {
		t.Errorf("read %d notifications for %d pages", store.read, pages)
	}
}
