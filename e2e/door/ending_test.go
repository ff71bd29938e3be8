package door_test

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
	// Long enough for the machine to do what comes before the end.
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
		// The leeway is for clocks at the handshake: here it must not count.
		refused(t, ada, object{"action": "refresh", "token": short}, "bad_token")
	})
	attempt(t, "a refresh by another user's token", "`bad_token`", func(t *testing.T) {
		refused(t, ada, object{"action": "refresh", "token": d.token(t, "bob")}, "bad_token")
	})
	attempt(t, "a refresh by a forged token", "`bad_token`", func(t *testing.T) {
		refused(t, ada, object{"action": "refresh", "token": d.token(t, "ada") + "x"}, "bad_token")
		refused(t, ada, object{"action": "sendMessage", "message": whisper}, "token_expired")
	})
	attempt(t, "a refresh by the same user", "goes on, which is no attack", func(t *testing.T) {
		taken(t, ada, object{"action": "refresh", "token": d.token(t, "ada")}, "refreshed")
		taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	})
	attempt(t, "to stay connected and listen without a refresh", "closed with 1000 or 1001 by the schedule, and forgotten; who refreshed is spared", func(t *testing.T) {
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
		bob.Await("message") // what ada sent while she might
	}
	if more := bob.Collect(200 * time.Millisecond); len(more) != 0 {
		t.Errorf("bob got what was refused: %v", more)
	}
}
