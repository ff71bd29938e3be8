package roomcastclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/badinputs"
	"github.com/roomcast/roomcast/roomcastclient"
)

// What the server would refuse is refused at once, with the server's code, and
// nothing is sent.
func TestBadInputs(t *testing.T) {
	cases := badinputs.Read(t, "../client/testdata/bad-inputs.json")
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		before, start, tried := s.requestCount(), time.Now(), 0
		for _, c := range cases {
			if c.Only == "ts" || c.Only == "server" {
				continue
			}
			tried++
			var refused *roomcastclient.Error
			if err := u.attempt(c); !errors.As(err, &refused) || string(refused.Code) != c.Code {
				t.Errorf("%s: got %.200v, want %s", c.Name, err, c.Code)
			}
		}
		if n := s.requestCount() - before; n > 0 || time.Since(start) > 0 || tried < 100 {
			t.Errorf("%d frames were sent in %v for %d cases", n, time.Since(start), tried)
		}
		u.send("lobby", "still here")
		u.got("lobby", "still here")
		if handshakes, _ := s.counts(); handshakes != 1 || len(u.failures()) > 0 {
			t.Errorf("%d handshakes, reported %q", handshakes, u.failures())
		}
	})
}

// requestCount returns the number of requests so far.
func (s *server) requestCount() (n int) {
	s.locked(func() { n = len(s.requests) })
	return n
}

// attempt makes the call of a case. Arguments that the case does not name are
// valid.
func (u *user) attempt(c badinputs.Case) error {
	ctx := u.t.Context()
	args := c.Values()
	text := func(name string) string {
		s, _ := args[name].(string)
		return s
	}
	var opts []roomcastclient.SendOption
	if id, ok := args["clientId"].(string); ok {
		opts = append(opts, roomcastclient.WithIdempotencyKey(id))
	}
	switch c.Call {
	case "sendMessage":
		_, err := u.Room(text("roomId")).Send(ctx, text("message"), opts...)
		return err
	case "join":
		var since []roomcastclient.JoinOption
		if args["since"] != nil {
			since = append(since, roomcastclient.WithSince(roomcastclient.Position{Seq: int64(number(args["since"])), Epoch: text("epoch")}))
		}
		_, err := u.Room(text("roomId")).Join(ctx, since...)
		return err
	case "leave":
		return u.Room(text("roomId")).Leave(ctx)
	case "history":
		_, err := u.Room(text("roomId")).History(ctx, roomcastclient.WithBefore(int64(number(args["before"]))), roomcastclient.WithLimit(int(number(args["limit"]))))
		return err
	case "presence":
		_, err := u.Room(text("roomId")).Presence(ctx)
		return err
	case "notify":
		userIDs := texts(args["userIds"])
		if args["userIds"] == nil {
			userIDs = []string{text("userId")}
		}
		_, err := u.Notify(ctx, userIDs, args["notification"], opts...)
		return err
	case "ackNotification":
		return u.Acknowledge(ctx, texts(args["ids"])...)
	case "cursorMove":
		var at roomcastclient.CursorPosition
		switch place, _ := args["position"].(map[string]any); {
		case place["x"] != nil:
			at = roomcastclient.PlanePosition(number(place["x"]), number(place["y"]))
		case place["line"] != nil:
			at = roomcastclient.TextPosition(number(place["line"]), number(place["column"]))
		}
		return u.Room(text("roomId")).MoveCursor(at, text("color"))
	}
	return fmt.Errorf("the test knows no call %q", c.Call)
}

func number(v any) float64 {
	switch n := v.(type) {
	case json.Number:
		f, _ := n.Float64()
		return f
	case float64:
		return n
	}
	return 0
}

func texts(v any) (list []string) {
	items, _ := v.([]any)
	for _, item := range items {
		list = append(list, item.(string))
	}
	return list
}
