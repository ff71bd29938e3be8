package attacks_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestSpoofedUsers(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	everything := object{"rooms": []string{"*"}, "notify": []string{"*"}}
	bob := d.as(t, "bob", "roomId", "lobby")
	eve := d.with(t, "eve", everything, "userId", "ada", "roomId", "lobby")

	attempt(t, "another `userId` beside the token in the query", "the token's user", func(t *testing.T) {
		answer := taken(t, eve, object{"action": "presence"}, "presence")
		if shown(answer["users"]) != `["bob","eve"]` {
			t.Errorf("presence: %v", answer)
		}
	})
	attempt(t, "`userId`, `from`, `timestamp`, `seq` and `id` in a `sendMessage`", "the server's own", func(t *testing.T) {
		ack := taken(t, eve, object{
			"action": "sendMessage", "message": whisper, "userId": "ada", "from": "ada", "timestamp": 1, "seq": 99, "id": "01J",
		}, "ack")
		m := bob.Await("message")
		if m.Text("userId") != "eve" || m.Number("seq") != 1 || m.Text("id") != ack.Text("id") || m.Number("timestamp") < 1e12 {
			t.Errorf("bob got %v", m)
		}
	})
	attempt(t, "`userId` in a `cursorMove`", "the server's own", func(t *testing.T) {
		eve.Send(object{"action": "cursorMove", "userId": "ada", "position": object{"x": 1, "y": 1}})
		if c := bob.Await("cursor"); c.Text("userId") != "eve" {
			t.Errorf("bob got %v", c)
		}
	})
	attempt(t, "`from` in a `notify`", "the server's own", func(t *testing.T) {
		taken(t, eve, object{"action": "notify", "userId": "bob", "from": "ada", "notification": whisper}, "ack")
		if n := bob.Await("notification"); n.Text("from") != "eve" {
			t.Errorf("bob got %v", n)
		}
	})
	attempt(t, "`requestContext` and `connectionId` in a frame", "ignored", func(t *testing.T) {
		taken(t, eve, object{
			"action": "sendMessage", "message": whisper, "connectionId": "b2xk",
			"requestContext": object{"authorizer": object{"userId": "ada"}, "connectionId": "b2xk"},
		}, "ack")
		if m := bob.Await("message"); m.Text("userId") != "eve" {
			t.Errorf("bob got %v", m)
		}
	})
	attempt(t, "to notify without a permission, as is the default", "`forbidden`", func(t *testing.T) {
		refused(t, bob, object{"action": "notify", "userId": "eve", "notification": whisper}, "forbidden")
	})
	attempt(t, "to notify several users, one of them not permitted", "`forbidden`, and nobody receives it", func(t *testing.T) {
		some := d.with(t, "carol", object{"notify": []string{"b*"}})
		refused(t, some, object{"action": "notify", "userIds": []string{"bob", "eve"}, "notification": whisper}, "forbidden")
		if got := bob.Collect(200 * time.Millisecond); len(got) != 0 {
			t.Errorf("bob got %v", got)
		}
	})
	attempt(t, "to notify all by a wildcard for a user", "a user of that name, who is nobody", func(t *testing.T) {
		if ack := taken(t, eve, object{"action": "notify", "userId": "*", "notification": whisper}, "ack"); ack.Number("delivered") != 0 {
			t.Errorf("it reached %v connections", ack.Number("delivered"))
		}
	})
	attempt(t, "to read another user's inbox by `userId`", "the sender's own", func(t *testing.T) {
		if got := taken(t, eve, object{"action": "inbox", "userId": "bob"}, "inbox"); shown(got["notifications"]) != "[]" {
			t.Errorf("eve reads %v", got)
		}
	})
	attempt(t, "to acknowledge another user's notification", "`unknown_notification`, and it stays", func(t *testing.T) {
		inbox := taken(t, bob, object{"action": "inbox"}, "inbox")
		waiting, _ := inbox["notifications"].([]any)
		if len(waiting) != 1 {
			t.Fatalf("bob's inbox: %v", inbox)
		}
		id := waiting[0].(object)["id"]
		refused(t, eve, object{"action": "ackNotification", "ids": []any{id}}, "unknown_notification")
		if again := taken(t, bob, object{"action": "inbox"}, "inbox"); len(again["notifications"].([]any)) != 1 {
			t.Errorf("bob's inbox: %v", again)
		}
	})
	attempt(t, "a user in another case, with a valid token", "another user, with a separate inbox", func(t *testing.T) {
		other := d.as(t, "Bob")
		if got := taken(t, other, object{"action": "inbox"}, "inbox"); shown(got["notifications"]) != "[]" {
			t.Errorf("Bob reads %v", got)
		}
	})
}

func TestReplays(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	ada := d.as(t, "ada", "roomId", "lobby")
	eve := d.as(t, "eve", "roomId", "lobby")

	attempt(t, "a token a second time", "accepted: anyone holding a token is its user until it expires", func(t *testing.T) {
		text := d.token(t, "ada")
		for range 2 {
			if got := status(t, d.Stack, query("token", text)); got != 101 {
				t.Errorf("status %d", got)
			}
		}
	})
	attempt(t, "a token that has ended, within the leeway of clocks", "connects, but every frame is refused: `token_expired`", func(t *testing.T) {
		late := d.MustDial(t, roomcasttest.WithToken(d.token(t, "ada", object{"exp": time.Now().Unix() - 2})))
		refused(t, late, object{"action": "join", "roomId": "lobby"}, "token_expired")
	})
	attempt(t, "a frame again, by the same user", "the same `ack`, and no second message", func(t *testing.T) {
		frame := object{"action": "sendMessage", "message": whisper, "clientId": "once"}
		first, second := taken(t, ada, frame, "ack"), taken(t, ada, frame, "ack")
		if first.Text("id") != second.Text("id") || first.Number("seq") != second.Number("seq") {
			t.Errorf("acks %v and %v", first, second)
		}
	})
	attempt(t, "a frame again with another text", "`bad_field`", func(t *testing.T) {
		refused(t, ada, object{"action": "sendMessage", "message": whisper + "!", "clientId": "once"}, "bad_field")
	})
	attempt(t, "another user's frame, with its `clientId`", "a message of the sender", func(t *testing.T) {
		frame := object{"action": "sendMessage", "message": whisper, "clientId": "once"}
		first, theirs := taken(t, ada, frame, "ack"), taken(t, eve, frame, "ack")
		if first.Text("id") == theirs.Text("id") {
			t.Errorf("eve got ada's ack: %v", theirs)
		}
		if m := ada.AwaitFrame("of eve", func(f roomcasttest.Frame) bool { return f.Text("userId") == "eve" }); m.Text("id") != theirs.Text("id") {
			t.Errorf("ada got %v", m)
		}
	})
	attempt(t, "another user's refresh, word by word", "`bad_token`", func(t *testing.T) {
		refresh := object{"action": "refresh", "token": d.token(t, "ada"), "clientId": "again"}
		taken(t, ada, refresh, "refreshed")
		refused(t, eve, refresh, "bad_token")
	})
	attempt(t, "an old refresh whose token counts still", "its permissions again, as a handshake with it would give", func(t *testing.T) {
		old := d.token(t, "ada", may(object{"rooms": []string{"*"}}))
		taken(t, ada, object{"action": "refresh", "token": d.token(t, "ada", may(object{"join": []string{"lobby"}}))}, "refreshed")
		refused(t, ada, object{"action": "sendMessage", "message": whisper}, "forbidden")
		taken(t, ada, object{"action": "refresh", "token": old}, "refreshed")
		taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	})
	attempt(t, "an old refresh whose token has ended", "`bad_token`", func(t *testing.T) {
		refused(t, ada, object{"action": "refresh", "token": d.token(t, "ada", object{"exp": time.Now().Unix() - 60})}, "bad_token")
	})
}
