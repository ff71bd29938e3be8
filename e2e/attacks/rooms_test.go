package attacks_test

import (
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

// TestEscapesFromARoom lets eve try to get into the room vault, of which
// nothing may reach her.
func TestEscapesFromARoom(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	team := object{"rooms": []string{"team-*"}}
	all := object{"rooms": []string{"*"}, "deny": object{"rooms": []string{"vault", "café"}}}
	ada := d.as(t, "ada", "roomId", "vault")
	said := taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	epoch := said.Text("id")
	inside := d.as(t, "ada", "roomId", "team-1")
	taken(t, inside, object{"action": "sendMessage", "message": whisper}, "ack")
	eve := d.with(t, "eve", team)
	denied := d.with(t, "mallory", all)

	for _, name := range []struct{ what, room string }{
		{"another room", "vault"},
		{"a name that ends like hers", "vault-team-1"},
		{"less than the prefix", "team"},
		{"the prefix in another case", "Team-1"},
		{"a look-alike (Cyrillic е)", "t\u0435am-1"},
		{"a look-alike (full-width letters)", "ｔｅａｍ-1"},
		{"a look-alike hyphen", "team\u20101"},
		{"a zero-width space before the prefix", "\u200bteam-1"},
		{"a space before the prefix", " team-1"},
		{"the wildcard of all", "*"},
		{"a regular expression", ".*"},
		{"a path that goes up", "../team-1/vault"},
		{"a percent code", "%74eam-1"},
		{"the key of a room in the table", "ROOM#vault"},
		{"the shard of a room", "vault#0"},
	} {
		attempt(t, "to join "+name.what+": `"+name.room+"`", "`forbidden`", func(t *testing.T) {
			refused(t, eve, object{"action": "join", "roomId": name.room}, "forbidden")
		})
	}
	for _, name := range []struct{ what, room string }{
		{"a NUL within", "team-\x00vault"},
		{"a line end", "team-1\nvault"},
		{"no name", ""},
		{"129 characters", "team-" + strings.Repeat("x", 124)},
	} {
		attempt(t, "to join a name with "+name.what, "`bad_field`", func(t *testing.T) {
			refused(t, eve, object{"action": "join", "roomId": name.room}, "bad_field")
		})
	}
	for _, room := range []any{[]string{"team-1", "vault"}, object{"S": "vault"}, 7, true} {
		attempt(t, "to join a name that is not a string: `"+shown(room)+"`", "`bad_field`", func(t *testing.T) {
			refused(t, eve, object{"action": "join", "roomId": room}, "bad_field")
		})
	}
	// A permitted name that is made to be mistaken for another room.
	for _, name := range []struct{ what, room string }{
		{"the pattern itself, to receive from every room that it matches", "team-*"},
		{"a room of her team, with the shard of another key", "team-1#0"},
		{"a name like a key after her prefix", "team-#ROOM#vault#0"},
	} {
		attempt(t, name.what+": `"+name.room+"`", "a room of that name, with nothing of another room", func(t *testing.T) {
			stranger := d.with(t, "eve", team)
			overhears(t, stranger, name.room, ada, inside)
		})
	}
	for _, name := range []struct{ what, room string }{
		{"in another case", "Vault"},
		{"with a shard's name", "vault#0"},
		{"with a trailing space", "vault "},
		{"in decomposed letters (NFD)", "cafe\u0301"},
	} {
		attempt(t, "a denied room "+name.what+": `"+name.room+"`", "a room of that name, with nothing of the denied room", func(t *testing.T) {
			overhears(t, denied, name.room, ada, inside)
		})
	}
	attempt(t, "a denied room that `*` permits", "`forbidden`", func(t *testing.T) {
		refused(t, denied, object{"action": "join", "roomId": "vault"}, "forbidden")
	})
	attempt(t, "to join by the query of the handshake", "403", func(t *testing.T) {
		text := d.token(t, "eve", may(team))
		if got := status(t, d.Stack, query("token", text, "roomId", "vault")); got != 403 {
			t.Errorf("status %d, want 403", got)
		}
	})
	attempt(t, "two rooms in the query, the last one permitted", "in that one only; API Gateway uses the last", func(t *testing.T) {
		client, _, err := d.Dial(t, query("token", d.token(t, "eve", may(team)), "roomId", "vault", "roomId", "team-1")...)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, client, object{"action": "presence", "roomId": "vault"}, "forbidden")
		taken(t, client, object{"action": "presence", "roomId": "team-1"}, "presence")
	})
	for _, way := range []struct {
		what  string
		frame object
	}{
		{"`history`", object{"action": "history", "roomId": "vault"}},
		{"`history` since the beginning", object{"action": "history", "roomId": "vault", "since": 0, "epoch": epoch}},
		{"a `join` with `since`, as after a lost connection", object{"action": "join", "roomId": "vault", "since": 0, "epoch": epoch}},
		{"`presence`", object{"action": "presence", "roomId": "vault"}},
		{"`cursorMove`", object{"action": "cursorMove", "roomId": "vault", "position": object{"x": 1, "y": 1}}},
		{"`sendMessage`", object{"action": "sendMessage", "roomId": "vault", "message": whisper}},
	} {
		attempt(t, "a foreign room by "+way.what, "`forbidden`", func(t *testing.T) {
			refused(t, eve, way.frame, "forbidden")
		})
	}
	attempt(t, "a foreign room by `ping`, to learn of its messages", "not a member, and no `seq`", func(t *testing.T) {
		pong := taken(t, eve, object{"action": "ping", "rooms": []object{{"roomId": "vault", "seq": 0}}}, "pong")
		if rooms, _ := pong["rooms"].([]any); len(rooms) != 1 || shown(rooms[0]) != `{"member":false,"roomId":"vault"}` {
			t.Errorf("pong says %v", pong)
		}
	})
	attempt(t, "to read the history with permission only to join", "`recovered` is false and no message arrives; `history` is `forbidden`", func(t *testing.T) {
		late := d.with(t, "eve", object{"join": []string{"vault"}})
		joined := taken(t, late, object{"action": "join", "roomId": "vault", "since": 0, "epoch": epoch}, "joined")
		if read, _ := joined["messages"].([]any); joined["recovered"] != false || len(read) != 0 {
			t.Errorf("joined: %v", joined)
		}
		refused(t, late, object{"action": "history", "roomId": "vault"}, "forbidden")
	})
	attempt(t, "to send, and to move a cursor, with permission only to join", "`forbidden`", func(t *testing.T) {
		mute := d.with(t, "eve", object{"join": []string{"vault"}}, "roomId", "vault")
		refused(t, mute, object{"action": "sendMessage", "message": whisper}, "forbidden")
		refused(t, mute, object{"action": "cursorMove", "position": object{"x": 1, "y": 1}}, "forbidden")
	})
	attempt(t, "to send to a permitted room without being in it", "`not_in_room`", func(t *testing.T) {
		refused(t, eve, object{"action": "sendMessage", "roomId": "team-2", "message": whisper}, "not_in_room")
	})
	attempt(t, "to stay in a room after a refresh removed the permission", "removed from it (`left`): nothing of it arrives, and `join` is `forbidden`", func(t *testing.T) {
		was := d.with(t, "eve", object{"rooms": []string{"vault", "team-*"}}, "roomId", "vault")
		answer := taken(t, was, object{"action": "refresh", "token": d.token(t, "eve", may(team))}, "refreshed")
		if shown(answer["left"]) != `["vault"]` {
			t.Errorf("refreshed: %v", answer)
		}
		taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
		if got := was.Collect(300 * time.Millisecond); len(got) != 0 {
			t.Errorf("eve still gets %v", got)
		}
		refused(t, was, object{"action": "join", "roomId": "vault", "since": 0, "epoch": epoch}, "forbidden")
	})
	for _, c := range []*roomcasttest.Client{eve, denied} {
		for _, f := range c.Collect(50 * time.Millisecond) {
			if f.Type() == "message" || f.Type() == "cursor" {
				t.Errorf("what was said in another room arrived: %v", f)
			}
		}
	}
}

// overhears lets a stranger join a room while others talk in theirs: the
// stranger gets nothing.
func overhears(t *testing.T, stranger *roomcasttest.Client, room string, others ...*roomcasttest.Client) {
	t.Helper()
	if joined := taken(t, stranger, object{"action": "join", "roomId": room}, "joined"); joined.Number("seq") != 0 {
		t.Errorf("the room has messages: %v", joined)
	}
	for _, other := range others {
		taken(t, other, object{"action": "sendMessage", "message": whisper}, "ack")
	}
	if past := taken(t, stranger, object{"action": "history", "roomId": room}, "history"); shown(past["messages"]) != "[]" {
		t.Errorf("its history is %v", past)
	}
	if got := stranger.Collect(200 * time.Millisecond); len(got) != 0 {
		t.Errorf("of the others arrived %v", got)
	}
}
