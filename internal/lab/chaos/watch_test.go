package chaos

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	frame := func(e gateway.Event, text string) {
		w.Observe(gateway.Observation{Event: e, Connection: "A", Frame: []byte(text)})
		time.Sleep(time.Millisecond) // so that times differ
	}
	command := func(operation, text string, result, answer int) {
		w.Observe(gateway.Observation{Event: gateway.Commanded, Connection: "A", Frame: []byte(text), Operation: operation, Result: result, Answer: answer})
		time.Sleep(time.Millisecond)
	}
	const message = `{"type":"message","roomId":"lobby","seq":3,"id":"x"}`
	begin := time.Now()
	w.Observe(gateway.Observation{Event: gateway.Opened, Connection: "A", Query: url.Values{deviceParameter: {"a.1"}}})
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"1"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"1","seq":2}`)
	frame(gateway.Received, `{"action":"sendMessage","roomId":"lobby","message":"hello","clientId":"x"}`)
	frame(gateway.Received, `{"action":"sendMessage","roomId":"lobby","message":"hello","clientId":"x"}`)
	joined := time.Now()
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"1","seq":3}`) // again
	command("PostToConnection", message, 200, 200)
	command("PostToConnection", message, 0, 500)
	command("PostToConnection", message, 200, 0)
	command("PostToConnection", `{"type":"notification","id":"n1"}`, 0, 410)
	command("PostToConnection", `{"type":"cursor"}`, 200, 200)
	command("PostToConnection", `no JSON`, 200, 200)
	command("GetConnection", "", 200, 200)
	frame(gateway.Received, `{"action":"join","roomId":"tea"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"tea","seq":1}`)
	frame(gateway.Received, `{"action":"leave","roomId":"lobby"}`)
	frame(gateway.Received, `{"action":"join","roomId":"bar","clientId":"2"}`)
	frame(gateway.Received, `{"action":"leave","roomId":"bar"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"bar","clientId":"2","seq":3}`) // asked for before the leave
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"3"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"3","seq":3}`)
	command("GetConnection", "", 200, 410) // said to be gone
	frame(gateway.Received, `{"action":"join","roomId":"tea"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"tea","seq":1}`)
	frame(gateway.Closed, "")
	frame(gateway.Answered, `{"type":"joined","roomId":"late","seq":1}`)

	var h History
	w.seen(&h)
	conns := h.Connections
	if h.Copies["hello"] != 2 || len(h.Copies) != 1 {
		t.Errorf("copies are %v", h.Copies)
	}
	if first := h.Arrived["hello"]; first.Before(begin) || !first.Before(joined) {
		t.Errorf("the first copy arrived at %v, between %v and %v", first, begin, joined)
	}
	c := conns["A"]
	if c == nil || c.Device != "a.1" || c.Opened.Before(begin) || c.Closed.IsZero() {
		t.Fatalf("the connection is %+v", c)
	}
	var rooms []string
	for _, s := range c.Stays {
		rooms = append(rooms, s.Room)
		if s.From.IsZero() || s.To.IsZero() || s.To.Before(s.From) {
			t.Errorf("a stay from %v to %v", s.From, s.To)
		}
	}
	if !slices.Equal(rooms, []string{"lobby", "tea", "lobby"}) {
		t.Errorf("it stayed in %v", rooms)
	}
	if c.stay("lobby", joined) != 0 || c.stay("lobby", begin) != -1 || c.stay("lobby", c.Closed) != -1 || c.stay("tea", joined) != -1 {
		t.Errorf("its stays are %+v", c.Stays)
	}
	if len(c.Posts) != 4 || c.Posts[3].NotificationID != "n1" {
		t.Errorf("its posts are %+v", c.Posts)
	}
}

// A member who joins again stays one, but may be in another shard from the
// question on: only with the last answer it is clear where.
func TestWatchAJoinAgain(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	frame := func(e gateway.Event, text string) {
		w.Observe(gateway.Observation{Event: e, Connection: "A", Frame: []byte(text)})
	}
	stays := func(want string) {
		t.Helper()
		w.mu.Lock()
		defer w.mu.Unlock()
		got := ""
		for _, s := range w.conns["A"].Stays {
			if got += "-"; s.To.IsZero() {
				got += ">"
			}
		}
		if got != want {
			t.Fatalf("its stays are %q, want %q", got, want)
		}
	}
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"1"}`)
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"1"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"1"}`)
	stays("")
	frame(gateway.Answered, `{"type":"error","code":"unavailable","clientId":"1"}`)
	stays("")
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"2"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"2"}`)
	stays("->")
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"3"}`)
	stays("-")
	frame(gateway.Received, `{"action":"join","roomId":"tea","clientId":"4"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"3"}`)
	stays("-->")
	frame(gateway.Answered, `{"type":"joined","roomId":"tea","clientId":"4"}`)
	stays("-->->")
}

// What is in a batch counts as if it had been posted by itself.
func TestWatchABatch(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	const batch = `{"type":"batch","frames":[{"type":"message","roomId":"lobby","seq":3},{"type":"cursor"},{"type":"message","roomId":"lobby","seq":5},{"type":"notification","id":"n1"}]}`
	for _, result := range []int{200, 0} {
		w.Observe(gateway.Observation{Event: gateway.Commanded, Connection: "A", Frame: []byte(batch), Operation: "PostToConnection", Result: result, Answer: 200})
	}
	if got := w.batched(); got != 1 {
		t.Errorf("%d batches came, want 1", got)
	}
	var h History
	w.seen(&h)
	posts := h.Connections["A"].Posts
	if len(posts) != 6 || posts[0].Seq != 3 || posts[1].Seq != 5 || posts[2].NotificationID != "n1" || !posts[1].Carried || posts[4].Carried {
		t.Errorf("its posts are %+v", posts)
	}
}

// A function has a reason to post a message again only if a post of it failed.
func TestNeverFailed(t *testing.T) {
	t.Parallel()
	ok, lost, failed := Post{Room: "lobby", Seq: 3, Carried: true, Answered: 200}, Post{Room: "lobby", Seq: 3, Carried: true}, Post{Room: "lobby", Seq: 3, Answered: 500}
	for _, c := range []struct {
		name  string
		posts []Post
		want  bool
	}{
		{"never posted", nil, false},
		{"once", []Post{ok}, true},
		{"its answer was lost", []Post{lost}, false},
		{"at last", []Post{failed, lost, ok}, false},
		{"and a second job failed", []Post{ok, failed}, false},
		{"another one failed", []Post{ok, {Room: "lobby", Seq: 4}, {Room: "tea", Seq: 3}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := (&Connection{Posts: c.posts}).neverFailed("lobby", 3); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Each answer to a join is looked at.
func TestWatchEntrances(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	e := &joinAnswers{gaps: func(_ context.Context, room string, upTo int64) ([]int64, error) {
		return []int64{upTo - 1}, map[string]error{"tea": errors.New("no table")}[room]
	}}
	w.look(e)
	w.Observe(gateway.Observation{Event: gateway.Opened, Connection: "A", Query: url.Values{deviceParameter: {"a.1"}}})
	w.Observe(gateway.Observation{Event: gateway.Answered, Connection: "A", Frame: []byte(`{"type":"joined","roomId":"lobby","seq":7}`)})
	w.Observe(gateway.Observation{Event: gateway.Answered, Connection: "A", Frame: []byte(`{"type":"ack","seq":8}`)})
	got, err := e.all()
	if err != nil || len(got) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if g := got[0]; g.Device != "a.1" || g.Room != "lobby" || g.Seq != 7 || !slices.Equal(g.Gaps, []int64{6}) || g.At.IsZero() {
		t.Errorf("got %+v", g)
	}
	w.Observe(gateway.Observation{Event: gateway.Answered, Connection: "A", Frame: []byte(`{"type":"joined","roomId":"tea","seq":7}`)})
	if _, err := e.all(); err == nil {
		t.Error("a look that failed goes unnoticed")
	}
}

// A refresh may take a member out of rooms, from when it was asked for.
func TestWatchARefresh(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	frame := func(e gateway.Event, text string) {
		w.Observe(gateway.Observation{Event: e, Connection: "A", Frame: []byte(text)})
		time.Sleep(time.Millisecond) // so that times differ
	}
	enter := func(room string) {
		frame(gateway.Received, `{"action":"join","roomId":"`+room+`","clientId":"`+room+`"}`)
		frame(gateway.Answered, `{"type":"joined","roomId":"`+room+`","clientId":"`+room+`"}`)
	}
	enter("lobby")
	enter("tea")
	before := time.Now()
	frame(gateway.Received, `{"action":"refresh","token":"t"}`)
	asked := time.Now()
	frame(gateway.Received, `{"action":"join","roomId":"attic","clientId":"attic"}`)
	frame(gateway.Answered, `{"type":"refreshed","left":["lobby","attic"]}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"attic","clientId":"attic"}`) // it was done before the refresh
	enter("bar")
	frame(gateway.Received, `{"action":"refresh","token":"t"}`)
	frame(gateway.Answered, `{"type":"error","code":"unavailable"}`)
	enter("club")
	var h History
	w.seen(&h)
	stays := map[string]Stay{}
	for _, s := range h.Connections["A"].Stays {
		stays[s.Room] = s
	}
	if to := stays["lobby"].To; to.Before(before) || to.After(asked) {
		t.Errorf("it was in the lobby until %v, want until %v", to, asked)
	}
	if _, there := stays["attic"]; there {
		t.Error("it is in a room that the refresh took it out of")
	}
	if h.Connections["A"].stayed("club", stays["club"].From.Add(time.Microsecond), time.Now()) || stays["tea"].To.IsZero() || stays["bar"].To.IsZero() {
		t.Errorf("after a refresh that failed nobody knows where it is: %+v", stays)
	}
}

// A batch has each cursor once.
func TestWatchCursors(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	w.Observe(gateway.Observation{Event: gateway.Opened, Connection: "A", Query: url.Values{deviceParameter: {"a.1"}}})
	for _, frames := range []string{
		`{"type":"cursor","roomId":"large","userId":"ada"},{"type":"cursor","roomId":"large","userId":"bob"}`,
		`{"type":"cursor","roomId":"large","userId":"ada"},{"type":"cursor","roomId":"large","userId":"bob"},{"type":"cursor","roomId":"large","userId":"ada"}`,
	} {
		w.Observe(gateway.Observation{Event: gateway.Commanded, Connection: "A", Frame: []byte(`{"type":"batch","frames":[` + frames + `]}`), Operation: "PostToConnection", Result: 200, Answer: 200})
	}
	var h History
	w.seen(&h)
	if want := []CursorTwice{{Device: "a.1", Room: "large", User: "ada"}}; !slices.Equal(h.CursorsTwice, want) {
		t.Errorf("twice were %v, want %v", h.CursorsTwice, want)
	}
}

// The function's warnings say which messages have deferred posts.
func TestWatchNotesDeferredMessages(t *testing.T) {
	t.Parallel()
	w := NewWatch()
	for _, line := range []string{
		`{"time":"2026-12-01T12:00:00Z","level":"WARN","msg":"queued for others","roomId":"lobby","seq":7}`,
		`{"level":"INFO","msg":"m","roomId":"lobby","seq":8}`, `{"level":"WARN","msg":"m","roomId":"lobby"}`, `REPORT RequestId: 1`,
	} {
		w.Log(line)
	}
	var h History
	w.seen(&h)
	if len(h.Deferred) != 1 || len(h.Deferred["lobby"]) != 1 || !h.Deferred["lobby"][7] {
		t.Errorf("got %v", h.Deferred)
	}
}
