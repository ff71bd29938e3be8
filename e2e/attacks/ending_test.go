package attacks_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

// expiry is the schedule that closes connections whose token has ended.
const expiry = "Chat/Expiry"

func TestATokenEnds(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	bob := d.as(t, "bob", "roomId", "lobby")
	// Long enough for everything before the expiry, also on a slow machine.
	const life = 6 * time.Second
	ends := time.Now().Add(life).Truncate(time.Second)
	short := d.token(t, "ada", object{"exp": ends.Unix(), "roomcast": object{"rooms": []string{"*"}, "notify": []string{"*"}}})
	ada := d.MustDial(t, roomcasttest.WithToken(short), roomcasttest.WithRoom("lobby"))
	quiet := d.MustDial(t, roomcasttest.WithToken(short), roomcasttest.WithRoom("lobby"))
	taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	if wait := time.Until(ends); wait > 0 {
		time.Sleep(wait + 50*time.Millisecond)
	}

	for _, frame := range []object{
		{"action": "sendMessage", "message": whisper},
		{"action": "join", "roomId": "tea"},
		{"action": "leave", "roomId": "lobby"},
		{"action": "history", "roomId": "lobby"},
		{"action": "presence"},
		{"action": "notify", "userId": "bob", "notification": whisper},
		{"action": "inbox"},
		{"action": "ackNotification", "ids": []string{"01J"}},
		{"action": "ping", "rooms": []object{{"roomId": "lobby", "seq": 0}}},
	} {
		attempt(t, "`"+frame["action"].(string)+"` after the end", "`token_expired`", func(t *testing.T) {
			refused(t, ada, frame, "token_expired")
		})
	}
	attempt(t, "a refresh with the token that has ended", "`bad_token`", func(t *testing.T) {
		// The leeway for clocks applies to the handshake only.
		refused(t, ada, object{"action": "refresh", "token": short}, "bad_token")
	})
	attempt(t, "a refresh with another user's token", "`bad_token`", func(t *testing.T) {
		refused(t, ada, object{"action": "refresh", "token": d.token(t, "bob")}, "bad_token")
	})
	attempt(t, "a refresh with a forged token", "`bad_token`", func(t *testing.T) {
		refused(t, ada, object{"action": "refresh", "token": d.token(t, "ada") + "x"}, "bad_token")
		refused(t, ada, object{"action": "sendMessage", "message": whisper}, "token_expired")
	})
	attempt(t, "a refresh by the same user", "accepted: not an attack", func(t *testing.T) {
		taken(t, ada, object{"action": "refresh", "token": d.token(t, "ada")}, "refreshed")
		taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	})
	attempt(t, "to stay connected without a refresh", "closed with 1000 or 1001 by the schedule, and removed; a client that refreshed stays", func(t *testing.T) {
		d.FireSchedule(t, expiry)
		if code := quiet.AwaitClose(); code != 1000 && code != 1001 {
			t.Errorf("closed with %d", code)
		}
		roomcasttest.Eventually(t, "the connection is forgotten", func() bool {
			return len(d.Items(t, connections, "ROOM#lobby#0")) == 2
		})
		taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	})
	for range 3 {
		bob.Await("message") // ada sent it before her token expired
	}
	if more := bob.Collect(200 * time.Millisecond); len(more) != 0 {
		t.Errorf("bob got what was refused: %v", more)
	}
}
