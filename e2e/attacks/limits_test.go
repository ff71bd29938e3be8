package attacks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

// The tests of this file load the machine, so they do not run in parallel.

func TestManySendersOfOneUser(t *testing.T) {
	const (
		senders     = 200
		seconds     = 30
		rate, burst = 10, 20 // the defaults
	)
	// More than needed: a failed handshake may keep its slot for a while.
	d := guarded(t, roomcasttest.WithEnvironment(settings.ConnectionsPerUser, fmt.Sprint(2*senders)))
	attempt(t, "200 connections of a user that send constantly for 30 s",
		"at least 95 % of 10 messages a second, and at most that and the burst of 20", func(t *testing.T) {
			open := connected(t, d, senders)
			ends := time.Now().Add(seconds * time.Second)
			ctx, cancel := context.WithDeadline(t.Context(), ends.Add(socketTimeout)) // for the last answers
			defer cancel()
			var acked, refused atomic.Int64
			var all sync.WaitGroup
			for _, conn := range open {
				all.Go(func() { sendOn(ctx, conn, ends, &acked, &refused) })
			}
			all.Wait()
			got := acked.Load()
			t.Logf("%d acks, %d refusals", got, refused.Load())
			if got+refused.Load() < seconds*senders/2 { // each may try once a window, of a second
				t.Fatalf("this machine is too slow to tell: only %d messages were answered in %d s", got+refused.Load(), seconds)
			}
			if got > rate*seconds+burst || got < rate*seconds*95/100 {
				t.Errorf("%d messages were acknowledged, want %d to %d", got, rate*seconds*95/100, rate*seconds+burst)
			}
		})
}

// connected opens this many sockets of a user, each in its own room. Like
// clients, it retries a handshake that a busy machine answers with 500.
func connected(t *testing.T, d *target, count int) []*websocket.Conn {
	t.Helper()
	var open []*websocket.Conn
	for range 5 {
		more, statuses := storm(t, d.Stack, count-len(open), func(i int) url.Values {
			return url.Values{"token": {d.token(t, "ada")}, "roomId": {fmt.Sprint("room", len(open)+i)}}
		})
		if open = append(open, more...); len(open) == count {
			return open
		}
		t.Logf("handshakes ended with %v: again", statuses)
	}
	t.Fatalf("this machine is too slow to tell: only %d of %d senders are connected", len(open), count)
	return nil
}

// sendOn sends one message after the other as fast as allowed, and counts the
// answers. An ack counts if the server accepted the message before the time is
// up.
func sendOn(ctx context.Context, conn *websocket.Conn, ends time.Time, acked, refused *atomic.Int64) {
	for time.Now().Before(ends) {
		if conn.Write(ctx, websocket.MessageText, []byte(`{"action":"sendMessage","message":"`+whisper+`"}`)) != nil {
			return
		}
		wait, at, err := answerOf(ctx, conn)
		switch {
		case err != nil:
			return
		case at == 0:
			refused.Add(1)
			time.Sleep(min(wait, time.Until(ends)))
		case at < ends.UnixMilli():
			acked.Add(1)
		}
	}
}

// answerOf reads up to the answer to a message: when the server accepted it, in
// ms, or how long to wait before it may be sent again.
func answerOf(ctx context.Context, conn *websocket.Conn) (wait time.Duration, at int64, err error) {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return 0, 0, err
		}
		var answer struct {
			Type         string
			Timestamp    int64
			RetryAfterMs int64
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return 0, 0, err
		}
		if answer.Type != "message" {
			return time.Duration(answer.RetryAfterMs) * time.Millisecond, answer.Timestamp, nil
		}
	}
}

func TestManyConnectionsOfOneAddress(t *testing.T) {
	const (
		tried = 1500
		most  = 1000 // the default
	)
	d := guarded(t)
	const holder = "SLOT#IP#127.0.0.1#0"
	newcomer := func() int { return status(t, d.Stack, query("token", d.token(t, "newcomer"))) }
	attempt(t, "1,500 connections from an address, 250 at a time", "exactly 1,000 are open; the rest get 429", func(t *testing.T) {
		begin := time.Now()
		open, statuses := storm(t, d.Stack, tried, func(i int) url.Values {
			return url.Values{"token": {d.token(t, fmt.Sprint("user", i%30))}}
		})
		t.Logf("%v in %v", statuses, time.Since(begin))
		if len(open) != most || statuses[429] != tried-most {
			t.Errorf("handshakes ended with %v, want %d open and %d times 429", statuses, most, tried-most)
		}
		if slots := len(d.Items(t, connections, holder)); slots != most {
			t.Errorf("%d slots are taken", slots)
		}
		if got := newcomer(); got != 429 {
			t.Errorf("a new client is answered with %d, want 429", got)
		}
		// They end unnoticed: there is no $disconnect.
		lost := d.Inject(t, roomcasttest.Fault{Operation: "$disconnect", LostDisconnect: true})
		cut(open)
		roomcasttest.Eventually(t, "every $disconnect is lost", func() bool { return lost.Count() == most })
	})
	attempt(t, "1,000 connections that ended without `$disconnect`",
		"429 for a new client, until their slots expire, two hours and five minutes after they were taken", func(t *testing.T) {
			if got := newcomer(); got != 429 {
				t.Errorf("a new client is answered with %d, want 429", got)
			}
			expireSlots(t, d, holder)
			roomcasttest.Eventually(t, "a new client gets in", func() bool { return newcomer() == 101 })
		})
}

// expireSlots lets the slots of a quota expire, as they would after two hours.
// It writes that into the table, since no test waits so long.
func expireSlots(t *testing.T, d *target, holder string) {
	t.Helper()
	now := time.Now()
	for _, slot := range d.Items(t, connections, holder) {
		left := time.Unix(int64(slot.Number("ttl")), 0).Sub(now)
		if left < time.Hour || left > 2*time.Hour+5*time.Minute {
			t.Fatalf("a slot is taken for %v more", left)
		}
		slot["ttl"] = now.Add(-time.Second).Unix()
		d.PutItem(t, connections, slot)
	}
}
