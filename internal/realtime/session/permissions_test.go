package session_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// all is every action of an API, with a frame that works for ada in the lobby, and the
// permissions that it needs.
var all = []struct {
	action, frame string
	needs         []permission.Action
}{
	{"sendMessage", `{"action":"sendMessage","roomId":"lobby","message":"hi","clientId":"x"}`, []permission.Action{permission.Send}},
	{"join", `{"action":"join","roomId":"lobby"}`, []permission.Action{permission.Join}},
	{"leave", `{"action":"leave","roomId":"lobby"}`, nil},
	{"history", `{"action":"history","roomId":"lobby"}`, []permission.Action{permission.History}},
	{"cursorMove", `{"action":"cursorMove","roomId":"lobby","position":{"x":1,"y":2}}`, []permission.Action{permission.Join, permission.Send}},
	{"notify", `{"action":"notify","userIds":["ada","lobby"],"notification":1}`, []permission.Action{permission.Notify}},
	{"inbox", `{"action":"inbox"}`, nil},
	{"ackNotification", `{"action":"ackNotification","ids":[],"droppedUpTo":3}`, nil},
	{"presence", `{"action":"presence","roomId":"lobby"}`, []permission.Action{permission.Join}},
	{"ping", `{"action":"ping","rooms":[{"roomId":"lobby","seq":0}]}`, nil},
}

// rule returns rules with the patterns of one permission.
func rule(a permission.Action, patterns ...string) permission.Rules {
	switch a {
	case permission.Join:
		return permission.Rules{Join: patterns}
	case permission.Send:
		return permission.Rules{Send: patterns}
	case permission.History:
		return permission.Rules{History: patterns}
	}
	return permission.Rules{Notify: patterns}
}

// TestPermissions tries every action with every permission, with each one missing, and with
// each one denied.
func TestPermissions(t *testing.T) {
	t.Parallel()
	actions := []permission.Action{permission.Join, permission.Send, permission.History, permission.Notify}
	try := func(t *testing.T, name, action, frame string, p permission.Permissions, expiresAt time.Time, want protocol.Code) {
		t.Run(action+" "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Admit("c1", "ada", p, expiresAt, "lobby")
			if got := w.Answer(action, "c1", frame); realtimetest.Code(got) != want {
				t.Errorf("got %+v, want the code %q", got, want)
			}
			if posts, _ := w.Poster.Calls(); want != "" && (posts > 0 || len(w.Memory.Messages("lobby")) > 0) {
				t.Errorf("something was done all the same: %d posts, %v", posts, w.Memory.Messages("lobby"))
			}
		})
	}
	for _, a := range all {
		everything, later := permission.Everything(), realtimetest.Noon.Add(time.Minute)
		try(t, "allowed", a.action, a.frame, everything, later, "")
		try(t, "allowed without an end", a.action, a.frame, everything, time.Time{}, "")
		try(t, "after the end", a.action, a.frame, everything, realtimetest.Noon.Truncate(time.Second), protocol.CodeTokenExpired)
		try(t, "after the end, and not permitted", a.action, a.frame, permission.Permissions{}, realtimetest.Noon.Add(-time.Hour), protocol.CodeTokenExpired)
		var want protocol.Code
		if a.needs != nil {
			want = protocol.CodeForbidden
		}
		try(t, "with nothing permitted", a.action, a.frame, permission.Permissions{}, later, want)
		try(t, "elsewhere", a.action, a.frame, permission.Permissions{Rules: permission.Rules{
			Rooms: permission.Patterns{"lobby2", "tea*", "Lobby"}, Notify: permission.Patterns{"ada"},
		}}, later, want)
		for _, p := range actions {
			want := protocol.Code("")
			for _, need := range a.needs {
				if need == p {
					want = protocol.CodeForbidden
				}
			}
			denied := permission.Everything()
			denied.Deny = rule(p, "lob*")
			try(t, fmt.Sprintf("with %s denied", p), a.action, a.frame, denied, later, want)
			only := permission.Permissions{}
			for _, other := range actions {
				if other != p {
					only.Join = append(only.Join, rule(other, "*").Join...)
					only.Send = append(only.Send, rule(other, "*").Send...)
					only.History = append(only.History, rule(other, "*").History...)
					only.Notify = append(only.Notify, rule(other, "*").Notify...)
				}
			}
			try(t, fmt.Sprintf("with all but %s", p), a.action, a.frame, only, later, want)
		}
	}
}

// TestPermissionOfTheOnlyRoom omits the room's name: that grants no permission.
func TestPermissionOfTheOnlyRoom(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"sendMessage", "history", "presence", "cursorMove"} {
		w := newWorld(t)
		w.Admit("c1", "ada", permission.Permissions{}, realtimetest.Noon.Add(time.Hour), "lobby")
		frame := `{"action":"` + action + `","message":"hi","position":{"x":1,"y":2}}`
		if got := w.Answer(action, "c1", frame); realtimetest.Code(got) != protocol.CodeForbidden {
			t.Errorf("%s: got %+v", action, got)
		}
	}
}

// TestPingAfterTheEnd pings with an expired token: only a ping without rooms is answered.
func TestPingAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Admit("c1", "ada", permission.Everything(), realtimetest.Noon.Add(-time.Hour), "lobby")
	w.WantFrame(w.Answer("ping", "c1", `{"action":"ping"}`), `{"type":"pong","timestamp":1790000000123}`)
}

// TestForbiddenSaysWhat pins the wording, and that the name is quoted.
func TestForbiddenSaysWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Admit("c1", "ada", permission.Default(), time.Time{}, "lobby")
	w.WantFrame(w.Answer("notify", "c1", `{"action":"notify","userIds":["b\"b"],"notification":1,"clientId":"x"}`),
		`{"type":"error","code":"forbidden","message":"the token does not permit notifying the user \"b\\\"b\"","clientId":"x"}`)
}

// TestJoinWithoutHistory replays nothing to a user who may only join, whatever the
// position, and does not check the position either.
func TestJoinWithoutHistory(t *testing.T) {
	t.Parallel()
	for _, since := range []string{"", `,"since":0,"epoch":""`, `,"since":1,"epoch":"id1"`, `,"since":99,"epoch":"id1"`, `,"since":1,"epoch":"other"`} {
		w := newWorld(t)
		p := permission.Default()
		p.Deny.History = permission.Patterns{"lobby"}
		w.Admit("c1", "ada", p, realtimetest.Noon.Add(time.Hour))
		for range 2 {
			w.PublishText("lobby", "secret")
		}
		w.WantFrame(w.Answer("join", "c1", `{"action":"join","roomId":"lobby"`+since+`}`),
			`{"type":"joined","roomId":"lobby","seq":2,"epoch":"id1","recovered":false,"messages":[]}`)
		w.PublishText("lobby", "live")
		if got := w.Poster.Posted("c1"); len(got) != 1 || !strings.Contains(got[0], "live") {
			t.Errorf("%s: got %q, want what comes after the join", since, got)
		}
	}
}

// TestCursorMoveIsCached checks when a granted or removed permission takes effect for a user
// who moves a cursor.
func TestCursorMoveIsCached(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(3*time.Second).Truncate(time.Second), "doc")
	w.Admit("c2", "bob", permission.Default(), time.Time{}, "doc")
	want := func(what string, code protocol.Code) {
		t.Helper()
		if got := w.Answer("cursorMove", "c1", `{"action":"cursorMove","roomId":"doc","position":{"x":1,"y":2}}`); realtimetest.Code(got) != code {
			t.Errorf("%s: got %+v, want %q", what, got, code)
		}
	}
	renew := func(p permission.Permissions, expiresAt time.Time) {
		t.Helper()
		if _, err := w.Memory.Renew(t.Context(), "c1", session.Identity{UserID: "ada", Permissions: p, TokenExpiresAt: expiresAt}); err != nil {
			t.Fatal(err)
		}
	}
	want("permitted", "")
	renew(permission.Permissions{Rules: rule(permission.Join, "*")}, realtimetest.Noon.Add(time.Hour))
	want("taken a moment ago", "")
	now = now.Add(2 * time.Second)
	want("taken", protocol.CodeForbidden)
	renew(permission.Default(), now.Add(time.Second))
	want("given a moment ago", "")
	now = now.Add(time.Second)
	want("ended", protocol.CodeTokenExpired)
	renew(permission.Default(), now.Add(time.Hour))
	want("refreshed a moment ago", "")
	if err := w.Memory.Leave(t.Context(), "c1", "doc"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Second)
	want("left", protocol.CodeNotInRoom)
}
