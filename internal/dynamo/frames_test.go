package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// frameCost is a frame of docs/reference/limits.md with its cost and its units.
type frameCost struct {
	name string
	// counts is for how many frames, and sent for how many of MessageRate.
	counts, sent int
	took         units
	from         string // the connection, "" for ada's
	again        bool   // in the function that took the frame before
	frame        string
}

// TestUnitsOfFrames sends one of each frame, or the smallest and the largest if the cost
// depends on the content. It compares their costs and units with the table of
// docs/reference/limits.md.
func TestUnitsOfFrames(t *testing.T) {
	t.Parallel()
	f := newFrames(t)
	large := strings.Repeat("x", protocol.MaxMessage-2)
	quoted := func(format string, n int) string {
		var all []string
		for i := range n {
			all = append(all, fmt.Sprintf(format, i))
		}
		return strings.Join(all, ",")
	}
	var got []string
	for _, c := range []frameCost{
		{name: "`sendMessage`", counts: 1, sent: 1, frame: `{"action":"sendMessage","roomId":"small","message":"hi","clientId":"k1"}`},
		{name: "… of 16 KiB, in a room of 100", counts: 1, sent: 5, frame: `{"action":"sendMessage","roomId":"hundred","message":"` + large + `xx","clientId":"k2"}`},
		{name: "`join`", counts: 2, frame: `{"action":"join","roomId":"new"}`},
		{name: "… answered with a full page", counts: 5, frame: `{"action":"join","roomId":"heavy","since":0,"epoch":""}`},
		{name: "`leave`", counts: 2, frame: `{"action":"leave","roomId":"new"}`},
		{name: "`history`", counts: 5, frame: `{"action":"history","roomId":"small"}`},
		{name: "… answered with a full page", counts: 5, frame: `{"action":"history","roomId":"heavy"}`},
		{name: "`cursorMove` in a room of 100", frame: `{"action":"cursorMove","roomId":"hundred","position":{"x":1,"y":2}}`},
		{name: "… the next within 2 s", again: true, frame: `{"action":"cursorMove","roomId":"hundred","position":{"x":1,"y":2}}`},
		{name: "`notify` of one user", counts: 1, sent: 1, frame: `{"action":"notify","userId":"user-0","notification":1,"clientId":"k3"}`},
		{name: "… of 100 users", counts: 1, sent: 100, frame: `{"action":"notify","userIds":[` + quoted(`"user-%d"`, 100) + `],"notification":1,"clientId":"k4"}`},
		{name: "… of 100 users and 16 KiB", counts: 1, sent: 500, frame: `{"action":"notify","userIds":[` + quoted(`"user-%d"`, 100) + `],"notification":"` + large + `","clientId":"k5"}`},
		{name: "`inbox`", counts: 5, frame: `{"action":"inbox"}`},
		{name: "… answered with a full page", counts: 5, from: "heavy", frame: `{"action":"inbox"}`},
		{name: "`ackNotification` of one", counts: 1, frame: `{"action":"ackNotification","ids":["` + noteID(0) + `"]}`},
		{name: "… of one of 16 KiB", counts: 1, from: "heavy", frame: `{"action":"ackNotification","ids":["` + noteID(0) + `"]}`},
		{name: "… of 100", counts: 51, from: "user-1", frame: `{"action":"ackNotification","ids":[` + quoted(`"01J%023d"`, 100) + `]}`},
		{name: "… of dropped ones", counts: 1, from: "dropped", frame: `{"action":"ackNotification","ids":[],"droppedUpTo":1}`},
		{name: "`presence` in a room of 100", counts: 3, frame: `{"action":"presence","roomId":"hundred"}`},
		{name: "`ping`", counts: 1, frame: `{"action":"ping"}`},
		{name: "… that names 100 rooms", counts: 51, from: "rooms", frame: `{"action":"ping","rooms":[` + quoted(`{"roomId":"room-%d","seq":0}`, 100) + `]}`},
	} {
		from := cmp.Or(c.from, "ada")
		if c.again {
			c.took = f.do(from, c.frame)
			got = append(got, c.row())
			continue
		}
		frames, sent := f.counted(from, func() { c.took = f.do(from, c.frame) })
		if frames != c.counts || sent != c.sent {
			t.Errorf("%s: counted for %d frames and %d messages, want %d and %d", c.name, frames, sent, c.counts, c.sent)
		}
		got = append(got, c.row())
	}
	docs, err := os.ReadFile("../../docs/reference/limits.md")
	must(t, err)
	for _, row := range got {
		if !strings.Contains(string(docs), "\n"+row+"\n") {
			t.Errorf("docs/reference/limits.md has no row\n%s", row)
		}
	}
}

// row returns the row of the table in docs/reference/limits.md.
func (c frameCost) row() string {
	frames, sent := fmt.Sprint(c.counts), fmt.Sprint(c.sent)
	if c.counts == 0 {
		frames = "1 of `CursorRate`"
	}
	if c.sent == 0 {
		sent = ""
	}
	return fmt.Sprintf("| %s | %s | %s | %v | %v |", c.name, frames, sent, c.took.write, c.took.read)
}

// TestUnitsOfAFullInbox keeps notifying a user whose inbox is full of the largest
// notifications. Trimming reads little compared with what storing them writes, and happens at
// most once in 26 notifications.
func TestUnitsOfAFullInbox(t *testing.T) {
	t.Parallel()
	f := newFrames(t) // "heavy" has 100 of 16 KiB
	f.parts.Limits.MessageRate = limits.Unlimited
	f.service = realtimetest.New(f.parts)
	notify := `{"action":"notify","userId":"heavy","notification":"` + strings.Repeat("x", protocol.MaxMessage-2) + `"}`
	var all units
	var trims int
	const more = 52
	for range more {
		took := f.do("ada", notify)
		all.read, all.write = all.read+took.read, all.write+took.write
		if took.read > 10 {
			trims++
		}
	}
	if trims != 2 || all.read > 22*more || all.write > 40*more {
		t.Errorf("%d notifications took %+v, with %d trims: want 2 trims, 22 read and 40 write units each at most", more, all, trims)
	}
}

// frames is a core on the engine, with rooms and inboxes.
type frames struct {
	*testing.T
	api     *metered
	rates   *Buckets
	parts   realtimetest.Options
	service *realtimetest.App
	at      time.Time // when all of it happens
}

// counted does something on a connection, and returns how many frames and how many messages
// of ada it counted for.
func (f *frames) counted(connection string, do func()) (frames, sent int) {
	full := func() time.Time {
		i, err := f.rates.get(f.Context(), bucketKey(limits.UserBucket("ada")), true)
		must(f.T, err)
		return time.UnixMicro(max(i.number(attrFullAt), f.at.UnixMicro()))
	}
	f.service = realtimetest.New(f.parts) // which has seen no frame yet
	before := full()
	do()
	const burst = 2 * 100 // of the default
	for frames = burst; frames > 0; frames-- {
		if _, refused := f.service.Ping(f.Context(), connection, []byte(`{"action":"ping"}`)).(protocol.ErrorFrame); refused {
			break
		}
	}
	return frames, int(full().Sub(before) / time.Second)
}

func newFrames(t *testing.T) *frames {
	api, connections, messages := &metered{API: client}, newTable(t), newTable(t)
	at := time.Now()
	f := &frames{T: t, api: api, rates: NewBuckets(client, connections), at: at, parts: realtimetest.Options{
		Connections: newConnections(api, connections, time.Now), Log: newLog(api, messages, time.Now),
		Sends: NewSends(api, messages, time.Now), Inboxes: NewInboxes(api, messages, time.Now),
		Buckets: NewBuckets(api, connections), Slots: NewSlots(api, connections, time.Now),
		Poster: &realtimetest.Poster{}, Queue: &realtimetest.Queue{},
		Limits: limits.Limits{MessageRate: 1, MessageBurst: 1 << 20}, ShardSize: 1 << 30,
		Now: func() time.Time { return at },
	}}
	f.service = realtimetest.New(f.parts)
	expires := time.Now().Add(time.Hour)
	store := newConnections(client, connections, time.Now)
	member := func(id, user string, rooms ...string) {
		var in []members.Membership
		for _, room := range rooms {
			in = append(in, members.Membership{RoomID: room})
		}
		must(t, store.Connect(t.Context(), members.Connection{
			ID: id, UserID: user, IP: "192.0.2.1", Rooms: in, Permissions: permission.Everything(),
			ConnectedAt: time.Now().Add(-time.Minute), ExpiresAt: expires,
		}))
	}
	member("ada", "ada", "small", "heavy", "hundred")
	var rooms []string
	for i := range 100 {
		rooms = append(rooms, fmt.Sprint("room-", i))
	}
	member("rooms", "rooms", rooms...)
	for _, user := range []string{"heavy", "user-1", "dropped"} {
		member(user, user, "small")
	}
	inParallel(t, 99, func(i int) error {
		member(fmt.Sprint("R0oXAdfD0kwCH6w", i), fmt.Sprint("user-", i), "hundred")
		return nil
	})
	log, inboxes := newLog(client, messages, time.Now), NewInboxes(client, messages, time.Now)
	keep := func(user, notification string, i int) error {
		_, err := inboxes.Add(t.Context(), user, inbox.Notification{
			ID: noteID(i), From: "bob", Notification: []byte(notification), Timestamp: time.Now(), ExpiresAt: expires,
		})
		return err
	}
	inParallel(t, 100, func(i int) error {
		_, err := log.Put(t.Context(), roomlog.Entry{
			RoomID: "heavy", Seq: int64(i + 1), ID: noteID(i), UserID: "ada", Message: strings.Repeat("m", protocol.MaxMessage),
			Timestamp: time.Now(), ExpiresAt: expires,
		})
		return errors.Join(err, keep("heavy", strings.Repeat("1", protocol.MaxNotification), i), keep("user-1", "1", i), keep("ada", "1", i))
	})
	for range 100 {
		_, err := log.Advance(t.Context(), "heavy", noteID(0), time.Now(), expires)
		must(t, err)
	}
	must(t, keep("dropped", "1", 0))
	must(t, inboxes.Trim(t.Context(), "dropped", 0))
	f.do("dropped", `{"action":"join","roomId":"heavy"}`) // which looks that every seq is final
	return f
}

// do sends a frame on a connection, and returns what it took.
func (f *frames) do(connection, frame string) units {
	f.Helper()
	action, _, _ := strings.Cut(strings.TrimPrefix(frame, `{"action":"`), `"`)
	answer := map[string]func(context.Context, string, []byte) protocol.Frame{
		"sendMessage": f.service.SendMessage, "join": f.service.Join, "leave": f.service.Leave, "history": f.service.History,
		"cursorMove": f.service.CursorMove, "notify": f.service.Notify, "inbox": f.service.Inbox,
		"ackNotification": f.service.AckNotification, "presence": f.service.Presence, "ping": f.service.Ping,
	}[action]
	f.api.sum = units{}
	if e, refused := answer(f.Context(), connection, []byte(frame)).(protocol.ErrorFrame); refused {
		f.Errorf("%.80s: got %+v", frame, e)
	}
	return f.api.sum
}
