package publish

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roomcast/roomcast/internal/badinputs"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/settings"
)

var noon = time.UnixMilli(1_790_000_000_123)

// newPublisher returns a publisher on memory, where bob is in the lobby.
func newPublisher(t *testing.T) (*Publisher, *realtimetest.Poster) {
	t.Helper()
	now := func() time.Time { return noon }
	var ids atomic.Int64
	memory, poster := realtimetest.NewMemory(now), &realtimetest.Poster{}
	err := memory.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "bob", Rooms: []members.Membership{{RoomID: "lobby"}}, ConnectedAt: noon, ExpiresAt: noon.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Publisher{core: realtimetest.New(realtimetest.Options{
		Connections: memory, Log: memory, Sends: memory, Inboxes: memory, Poster: poster, Queue: &realtimetest.Queue{},
		Now: now, NewID: func() string { return fmt.Sprint("id", ids.Add(1)) },
	}).App}, poster
}

func TestToRoom(t *testing.T) {
	t.Parallel()
	p, poster := newPublisher(t)
	got, err := p.ToRoom(t.Context(), Message{RoomID: "lobby", UserID: "shop", Text: "hello"})
	if want := (Receipt{ID: "id1", Seq: 1, Timestamp: noon}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	const want = `{"type":"message","roomId":"lobby","seq":1,"id":"id1","userId":"shop","message":"hello","timestamp":1790000000123}`
	if posted := poster.Posted("c1"); len(posted) != 1 || posted[0] != want {
		t.Errorf("posted %q, want %s", posted, want)
	}
}

func TestToUsers(t *testing.T) {
	t.Parallel()
	p, poster := newPublisher(t)
	got, err := p.ToUsers(t.Context(), Notification{To: []string{"bob", "eve", "bob"}, UserID: "shop", Data: map[string]int{"order": 7}})
	if want := (NotificationReceipt{ID: "id1", Delivered: 1, Timestamp: noon}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	const want = `{"type":"notification","id":"id1","from":"shop","notification":{"order":7},"timestamp":1790000000123}`
	if posted := poster.Posted("c1"); len(posted) != 1 || posted[0] != want {
		t.Errorf("posted %q, want %s", posted, want)
	}
}

// TestKeys sends everything twice: what has the same key is the same.
func TestKeys(t *testing.T) {
	t.Parallel()
	p, poster := newPublisher(t)
	message := func(room, key, text string) string {
		r, err := p.ToRoom(t.Context(), Message{RoomID: room, UserID: "shop", Text: text, IdempotencyKey: key})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s:%d", r.ID, r.Seq)
	}
	notification := func(from, key string) string {
		r, err := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: from, Data: 1, IdempotencyKey: key})
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	first := message("lobby", "k", "hello")
	for _, again := range []struct {
		name, got string
		same      bool
	}{
		{"the same key", message("lobby", "k", "hello"), true},
		{"another key", message("lobby", "l", "hello"), false},
		{"no key", message("lobby", "", "hello"), false},
		{"another room", message("tea", "k", "hello"), false},
	} {
		if (again.got == first) != again.same {
			t.Errorf("%s: got %s after %s", again.name, again.got, first)
		}
	}
	if _, err := p.ToRoom(t.Context(), Message{RoomID: "lobby", UserID: "shop", Text: "bye", IdempotencyKey: "k"}); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), `IdempotencyKey: "k" was used for another message`) {
		t.Errorf("the same key with another text: got %v", err)
	}
	id := notification("shop", "k")
	if again := notification("shop", "k"); again != id {
		t.Errorf("the same key of a notification gave %s, then %s", id, again)
	}
	for what, n := range map[string]Notification{
		"another body": {To: []string{"bob"}, UserID: "shop", Data: 2, IdempotencyKey: "k"},
		"other users":  {To: []string{"bob", "eve"}, UserID: "shop", Data: 1, IdempotencyKey: "k"},
	} {
		if _, err := p.ToUsers(t.Context(), n); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), `IdempotencyKey: "k" was used for another notification`) {
			t.Errorf("the same key with %s: got %v", what, err)
		}
	}
	if other := notification("bank", "k"); other == id {
		t.Error("the key of somebody else gave the same notification")
	}
	if posted := poster.Posted("c1"); len(posted) != 7 {
		t.Errorf("posted %d frames, want each of 4 messages and 3 notifications: %q", len(posted), posted)
	}
}

// TestKeysAreApartFromClients lets a user send, before the service does, under
// the name that the service takes and with each of its keys.
func TestKeysAreApartFromClients(t *testing.T) {
	t.Parallel()
	p, _ := newPublisher(t)
	if _, err := p.core.Publisher.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "shop", Message: "mine", ClientID: "order-7"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.core.Notifier.Notify(t.Context(), inbox.Notice{UserIDs: []string{"bob"}, From: "shop", Notification: []byte(`"mine"`), ClientID: "order-7"}); err != nil {
		t.Fatal(err)
	}
	message, err := p.ToRoom(t.Context(), Message{RoomID: "lobby", UserID: "shop", Text: "sold", IdempotencyKey: "order-7"})
	if err != nil || message.Seq != 2 {
		t.Errorf("to the room: got %+v, %v, want seq 2", message, err)
	}
	notification, err := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: "shop", Data: "sold", IdempotencyKey: "order-7"})
	if err != nil || notification.Delivered != 1 {
		t.Errorf("to bob: got %+v, %v, want it delivered", notification, err)
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	p, poster := newPublisher(t)
	toRoom := func(m Message) error { _, err := p.ToRoom(t.Context(), m); return err }
	toUsers := func(n Notification) error { _, err := p.ToUsers(t.Context(), n); return err }
	deep := any(1)
	for range 32 {
		deep = []any{deep}
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no room", toRoom(Message{UserID: "shop", Text: "hi"}), "RoomID: must be 1 to 128 characters, got 0"},
		{"no user", toRoom(Message{RoomID: "lobby", Text: "hi"}), "UserID: must be 1 to 128 characters, got 0"},
		{"no message", toRoom(Message{RoomID: "lobby", UserID: "shop"}), "Text: must not be empty"},
		{"long message", toRoom(Message{RoomID: "lobby", UserID: "shop", Text: strings.Repeat("x", 16<<10+1)}), "at most 16384 bytes"},
		{"not UTF-8", toRoom(Message{RoomID: "lobby", UserID: "shop", Text: "\xff"}), "Text: must be valid UTF-8"},
		{"room of no UTF-8", toRoom(Message{RoomID: "a\xff", UserID: "shop", Text: "hi"}), "RoomID: must be valid UTF-8"},
		{"sender of no UTF-8", toRoom(Message{RoomID: "a", UserID: "a\xed\xa0\x80", Text: "hi"}), "UserID: must be valid UTF-8"},
		{"key of no UTF-8", toRoom(Message{RoomID: "a", UserID: "shop", Text: "hi", IdempotencyKey: "\xff"}), "IdempotencyKey: must be valid UTF-8"},
		{"notification of no UTF-8", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: map[string]string{"a": "b\\\xff"}}), "Data: must have valid UTF-8"},
		{"half a pair", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: json.RawMessage(`"\ud800"`)}), "Data: must have well-formed Unicode"},
		{"raw bytes", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: []any{json.RawMessage("\"\xff\"")}}), "Data: must have valid UTF-8"},
		{"user of no UTF-8", toUsers(Notification{To: []string{"bob", "\xff"}, UserID: "shop"}), "To[1]: must be valid UTF-8"},
		{"long key", toRoom(Message{RoomID: "lobby", UserID: "shop", Text: "hi", IdempotencyKey: strings.Repeat("é", 65)}), "IdempotencyKey: must be at most 64 characters, got 65"},
		{"bad key", toUsers(Notification{To: []string{"bob"}, UserID: "shop", IdempotencyKey: "a\n"}), "IdempotencyKey: must not contain control"},
		{"nobody", toUsers(Notification{UserID: "shop"}), "To: must name 1 to 100 users, got 0"},
		{"bad user", toUsers(Notification{To: []string{"bob", "a\n"}, UserID: "shop"}), "To[1]: must not contain control"},
		{"from nobody", toUsers(Notification{To: []string{"bob"}}), "UserID: must be 1 to 128"},
		{"no JSON", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: func() {}}), "Data: cannot be encoded as JSON: json: unsupported type"},
		{"long", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: strings.Repeat("x", 16<<10)}), "at most 16384 bytes"},
		{"deep", toUsers(Notification{To: []string{"bob"}, UserID: "shop", Data: deep}), "at most 31 levels deep"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if !errors.Is(test.err, ErrInvalid) || !strings.Contains(test.err.Error(), test.want) {
				t.Errorf("got %v, want ErrInvalid with %q", test.err, test.want)
			}
		})
	}
	if posts, _ := poster.Calls(); posts != 0 {
		t.Errorf("%d posts of what is invalid", posts)
	}
}

// What the clients accept as a notification is sent unchanged.
func TestValidData(t *testing.T) {
	t.Parallel()
	most := strings.Repeat("<>&", 5460)
	for want, data := range map[string]any{
		`null`:               nil,
		`"�"`:                "\ufffd",
		`"\\\\ufffd"`:        `\\ufffd`,
		`"\ufffd"`:           json.RawMessage(`"\ufffd"`),
		`{"raw":["\ufffd"]}`: map[string]any{"raw": []any{json.RawMessage(`"\ufffd"`)}},
		`"é😀"`:               "é😀",
		`"\u2028"`:           "\u2028",
		`"` + most + `"`:     most,
		`{"<":"&"}`:          map[string]string{"<": "&"},
	} {
		p, poster := newPublisher(t)
		if _, err := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: "shop", Data: data}); err != nil {
			t.Errorf("%.40s: got %v", want, err)
			continue
		}
		if posted := poster.Posted("c1"); len(posted) != 1 || !strings.Contains(posted[0], `"notification":`+want+`,`) {
			t.Errorf("posted %.200q, want %.40s", posted, want)
		}
	}
}

// ToRoom and ToUsers refuse what both clients refuse. A depth that breaks the frame
// of a client is a bad field here, where there is no frame.
func TestBadInputs(t *testing.T) {
	t.Parallel()
	p, poster := newPublisher(t)
	tried := 0
	for _, c := range badinputs.Read(t, "../client/testdata/bad-inputs.json") {
		if c.Only == "ts" || c.Only == "server" || c.Call != "sendMessage" && c.Call != "notify" {
			continue
		}
		args := c.Values()
		key, _ := args["clientId"].(string)
		var err error
		if c.Call == "sendMessage" {
			room, _ := args["roomId"].(string)
			text, _ := args["message"].(string)
			_, err = p.ToRoom(t.Context(), Message{RoomID: room, UserID: "shop", Text: text, IdempotencyKey: key})
		} else {
			_, err = p.ToUsers(t.Context(), Notification{To: usersOf(args), UserID: "shop", Data: args["notification"], IdempotencyKey: key})
		}
		if strings.Contains(c.Name, "more than a frame") {
			continue // no frame holds the users and the notification
		}
		tried++
		want := Code(c.Code)
		if want == "bad_frame" {
			want = CodeBadField
		}
		if !errors.Is(err, ErrInvalid) || CodeOf(err) != want {
			t.Errorf("%s: got %.200v, want the code %s", c.Name, err, want)
		}
	}
	if tried < 40 {
		t.Errorf("%d cases were tried", tried)
	}
	if posts, _ := poster.Calls(); posts != 0 {
		t.Errorf("%d posts of what is invalid", posts)
	}
}

// usersOf returns the users of a call that the table holds.
func usersOf(args map[string]any) []string {
	if one, ok := args["userId"].(string); ok {
		return []string{one}
	}
	var users []string
	list, _ := args["userIds"].([]any)
	for _, user := range list {
		users = append(users, user.(string))
	}
	return users
}

// Huge and deep values exhaust neither the memory nor the stack.
func TestHugeDataIsRefused(t *testing.T) {
	t.Parallel()
	p, _ := newPublisher(t)
	type node struct{ Next *node }
	list, deep, twice, cycle := &node{}, any(nil), any("x"), &node{}
	cycle.Next = &node{cycle}
	for range 2_000_000 {
		list, deep = &node{list}, []any{deep}
	}
	for range 40 {
		twice = []any{twice, twice}
	}
	for _, test := range []struct {
		name string
		data any
		want Code
	}{
		{"long list", list, CodeBadField},
		{"deep", deep, CodeBadField},
		{"doubled 40 times", twice, CodeMessageTooLarge},
		{"many numbers", make([]int64, 1<<21), CodeMessageTooLarge},
		{"many bytes", make([]byte, 1<<21), CodeMessageTooLarge},
		{"cycle", cycle, CodeBadField},
	} {
		_, err := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: "shop", Data: test.data})
		if !errors.Is(err, ErrInvalid) || CodeOf(err) != test.want || !strings.Contains(err.Error(), ": Data: ") {
			t.Errorf("%s: got %.200v, want the code %s", test.name, err, test.want)
		}
	}
	want := errors.New("no such order")
	if _, err := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: "shop", Data: badinputs.BadMarshaler{Err: want}}); !errors.Is(err, want) || !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v, want the error of MarshalJSON in it", err)
	}
}

func TestNewNeedsEverything(t *testing.T) {
	t.Parallel()
	whole := Config{ConnectionTable: "c", MessageTable: "m", CallbackURL: "u", BroadcastQueueURL: "q", AWS: &aws.Config{Region: "eu-west-1"}}
	if _, err := New(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Config){
		"ConnectionTable":   func(c *Config) { c.ConnectionTable = "" },
		"MessageTable":      func(c *Config) { c.MessageTable = "" },
		"CallbackURL":       func(c *Config) { c.CallbackURL = "" },
		"BroadcastQueueURL": func(c *Config) { c.BroadcastQueueURL = "" },
		"DirectLimit":       func(c *Config) { c.DirectLimit = -1 },

		"MessageRetention":      func(c *Config) { c.MessageRetention = -time.Second },
		"NotificationRetention": func(c *Config) { c.NotificationRetention = -time.Second },
		"InboxLimit":            func(c *Config) { c.InboxLimit = -1 },
	} {
		c := whole
		change(&c)
		if _, err := New(t.Context(), c); err == nil || !regexp.MustCompile(`^publish: (missing Config\.`+field+`: set it|invalid Config\.`+field+` -1s?: expected 0 or more; leave it out)`).MatchString(err.Error()) {
			t.Errorf("without %s: got %v", field, err)
		}
	}
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		settings.ConnectionTable: "c", settings.MessageTable: "m",
		settings.CallbackURL: "https://api.example/prod", settings.BroadcastQueueURL: "https://queue.example",
	}
	if _, err := fromEnv(t.Context(), func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	for name := range env {
		_, err := fromEnv(t.Context(), func(n string) string {
			if n == name {
				return ""
			}
			return env[n]
		})
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "ChatApi.AddPublisher") {
			t.Errorf("without %s: got %v, want the variable and the remedy", name, err)
		}
	}
}

// A refusal has the code with which the server would answer a client.
func TestCodeOf(t *testing.T) {
	t.Parallel()
	p, _ := newPublisher(t)
	_, tooLarge := p.ToRoom(t.Context(), Message{RoomID: "lobby", UserID: "shop", Text: strings.Repeat("x", 16<<10+1)})
	_, noRoom := p.ToRoom(t.Context(), Message{UserID: "shop", Text: "hi"})
	_, noJSON := p.ToUsers(t.Context(), Notification{To: []string{"bob"}, UserID: "shop", Data: func() {}})
	if _, ok := errors.AsType[*json.UnsupportedTypeError](noJSON); !ok {
		t.Errorf("the cause of %v is lost", noJSON)
	}
	for want, err := range map[Code]error{CodeMessageTooLarge: tooLarge, CodeBadField: noRoom} {
		if got := CodeOf(fmt.Errorf("wrapped: %w", err)); got != want {
			t.Errorf("the code of %v is %q, want %q", err, got, want)
		}
	}
	for _, err := range []error{nil, errors.New("other")} {
		if got := CodeOf(err); got != "" {
			t.Errorf("the code of %v is %q, want none", err, got)
		}
	}
}
