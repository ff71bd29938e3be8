package torture

import (
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
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"2"}`)
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
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"2","seq":3}`) // asked for before the leave
	frame(gateway.Received, `{"action":"join","roomId":"lobby","clientId":"3"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"lobby","clientId":"3","seq":3}`)
	command("GetConnection", "", 200, 410) // said to be gone
	frame(gateway.Received, `{"action":"join","roomId":"tea"}`)
	frame(gateway.Answered, `{"type":"joined","roomId":"tea","seq":1}`)
	frame(gateway.Closed, "")
	frame(gateway.Answered, `{"type":"joined","roomId":"late","seq":1}`)

	conns, copies := w.seen()
	if copies["hello"] != 2 || len(copies) != 1 {
		t.Errorf("copies are %v", copies)
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
	if !c.member("lobby", joined) || c.member("lobby", begin) || c.member("lobby", c.Closed) || c.member("tea", joined) {
		t.Errorf("its stays are %+v", c.Stays)
	}
	if len(c.Posts) != 4 || c.Posts[3].NotificationID != "n1" {
		t.Errorf("its posts are %+v", c.Posts)
	}
	if now := time.Now(); !c.toldBefore("lobby", 3, now) || c.toldBefore("lobby", 3, begin) {
		t.Errorf("seq 3 was posted as %+v", c.Posts)
	}
	c.Posts = c.Posts[1:]
	if c.toldBefore("lobby", 3, time.Now()) {
		t.Errorf("seq 3 counts without the post that was answered: %+v", c.Posts)
	}
}
