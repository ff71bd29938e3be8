package attacks_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

func TestFloods(t *testing.T) {
	t.Parallel()
	d := guarded(t,
		roomcasttest.WithEnvironment(settings.FrameRate, "4"), roomcasttest.WithEnvironment(settings.CursorRate, "1"),
		roomcasttest.WithEnvironment(settings.MessageRate, "1"), roomcasttest.WithEnvironment(settings.MessageBurst, "4"),
		roomcasttest.WithEnvironment(settings.RoomsPerConnection, "2"))
	bob := d.as(t, "bob", "roomId", "lobby")
	hundred, ids, users := make([]object, 100), make([]string, 100), make([]string, 100)
	for i := range hundred {
		users[i] = fmt.Sprint("user-", i)
		hundred[i], ids[i] = object{"roomId": fmt.Sprint("room", i), "seq": 0}, fmt.Sprintf("01J%d", i)
	}
	attempt(t, "40 messages at once on one connection", "the burst; the rest are `rate_limited`, for two write units each at most", func(t *testing.T) {
		eve := d.as(t, "eve", "roomId", "cellar")
		d.ResetUsage()
		begin := time.Now()
		got := flood(eve, 40, object{"action": "sendMessage", "message": whisper})
		most := int(4+time.Since(begin).Seconds()) + 1
		if got["ack"] > most || got["ack"] < 1 || got["ack"]+got["rate_limited"] != 40 {
			t.Errorf("answered with %v, want at most %d acks", got, most)
		}
		units := 0.0
		for _, table := range d.Usage().DynamoDB.Tables {
			if table.Function == "Chat/Messages" && table.Operation == "UpdateItem" && strings.Contains(table.Table, "Connection") {
				units += table.WriteUnits
			}
		}
		if units > 2*40 {
			t.Errorf("counting took %v write units", units)
		}
	})
	attempt(t, "notifications to 100 users each, one after the other", "the first; then `rate_limited` for the time that 100 messages take", func(t *testing.T) {
		mia := d.with(t, "mia", object{"notify": []string{"*"}})
		notify := object{"action": "notify", "userIds": users, "notification": whisper}
		if f := ask(mia, maps.Clone(notify)); f.Type() != "ack" {
			t.Fatalf("the first: got %v", f)
		}
		for range 5 { // the most frames that a connection may send
			// 100 s, less the time that has passed.
			f := ask(mia, maps.Clone(notify))
			if wait, _ := f["retryAfterMs"].(float64); f.Text("code") != "rate_limited" || wait < 60_000 {
				t.Fatalf("another one: got %v", f)
			}
		}
	})
	for _, f := range []struct {
		what  string
		frame object
	}{
		{"pings that name 100 rooms each", object{"action": "ping", "rooms": hundred}},
		{"joins of one room", object{"action": "join", "roomId": "arena"}},
		{"leaves of a room that it is not in", object{"action": "leave", "roomId": "arena"}},
		{"reads of the history", object{"action": "history"}},
		{"requests for presence", object{"action": "presence"}},
		{"reads of the inbox", object{"action": "inbox"}},
		{"acknowledgements of 100 invented notifications each", object{"action": "ackNotification", "ids": ids}},
		{"refreshes, of which each counts for 20 frames", object{"action": "refresh", "token": d.token(t, "eve")}},
	} {
		attempt(t, "40 "+f.what+", one after the other", "`rate_limited` beyond the burst; others are served", func(t *testing.T) {
			eve := d.as(t, "eve", "roomId", "cellar")
			refusals := 0
			for range 40 {
				if ask(eve, maps.Clone(f.frame)).Text("code") == "rate_limited" {
					refusals++
				}
			}
			if refusals == 0 {
				t.Error("nothing was refused")
			}
			taken(t, bob, object{"action": "presence"}, "presence")
		})
	}
	attempt(t, "moves of a cursor, 50 a second", "`rate_limited` beyond the burst", func(t *testing.T) {
		eve := d.as(t, "eve", "roomId", "lobby")
		roomcasttest.Eventually(t, "a move is refused", func() bool {
			eve.Send(object{"action": "cursorMove", "position": object{"x": 1, "y": 1}})
			return slices.ContainsFunc(eve.Collect(20*time.Millisecond), func(f roomcasttest.Frame) bool { return f.Text("code") == "rate_limited" })
		})
		bob.Await("cursor")
	})
	attempt(t, "40 frames that are not JSON, at once", "`bad_frame`, and nothing is read from a table", func(t *testing.T) {
		eve := d.as(t, "eve")
		d.ResetUsage()
		for range 40 {
			eve.Write(1, []byte("{"))
		}
		for range 40 {
			eve.Await("error")
		}
		for _, table := range d.Usage().DynamoDB.Tables {
			if table.Function == "Chat/Ephemeral" {
				t.Errorf("it took %+v", table)
			}
		}
	})
	attempt(t, "joins of more and more rooms", "`limit_reached`", func(t *testing.T) {
		eve := d.as(t, "eve")
		for i := range 2 {
			taken(t, eve, object{"action": "join", "roomId": fmt.Sprint("more", i)}, "joined")
		}
		refused(t, eve, object{"action": "join", "roomId": "more2"}, "limit_reached")
	})
	taken(t, bob, object{"action": "sendMessage", "message": whisper}, "ack")
}

// flood sends a frame this many times without waiting, and returns how many
// were answered with each type or error code.
func flood(c *roomcasttest.Client, count int, frame object) map[string]int {
	for i := range count {
		frame["clientId"] = fmt.Sprint("flood", i)
		c.Send(frame)
	}
	got := map[string]int{}
	for range count {
		f := c.AwaitFrame("that answers", func(f roomcasttest.Frame) bool { return strings.HasPrefix(f.Text("clientId"), "flood") })
		if f.Type() == "error" {
			got[f.Text("code")]++
		} else {
			got[f.Type()]++
		}
	}
	return got
}
