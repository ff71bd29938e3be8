package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// down is a store that cannot store.
type down struct{ realtimetest.Connections }

func (down) Connect(context.Context, members.Connection) error { return errors.New("down") }

func (down) Remove(context.Context, members.Connection) error { return errors.New("down") }

// noted is a store that notes what it stores.
type noted struct {
	realtimetest.Connections
	got *members.Connection
}

func (n noted) Connect(_ context.Context, c members.Connection) error {
	*n.got = c
	return nil
}

// TestStatuses compares what handshakes are answered with, and who is let in.
func TestStatuses(t *testing.T) {
	t.Parallel()
	eve := map[string]any{"userId": "eve", "permissions": `{"rooms":["tea"]}`, "expiresAt": "1790003600"}
	with := func(name string, value any) map[string]any {
		changed := map[string]any{"userId": "eve", "permissions": `{"rooms":["tea"]}`, "expiresAt": "1790003600"}
		changed[name] = value
		return changed
	}
	ada := map[string]string{"userId": "ada"}
	for _, c := range []struct {
		name       string
		auth       string
		query      map[string]string
		authorizer map[string]any
		broken     bool
		status     int
		user       string
	}{
		{name: "open", auth: settings.OpenAuth, query: ada, status: 200, user: "ada"},
		{name: "open, an authorizer beside it", auth: settings.OpenAuth, query: ada, authorizer: eve, status: 200, user: "ada"},
		{name: "open, nobody", auth: settings.OpenAuth, status: 400},
		{name: "open, no name", auth: settings.OpenAuth, query: map[string]string{"userId": "a\nb"}, status: 400},
		{name: "open, store down", auth: settings.OpenAuth, query: ada, broken: true, status: 500},
		{name: "token", auth: settings.TokenAuth, authorizer: eve, status: 200, user: "eve"},
		{name: "token, another user in the query", auth: settings.TokenAuth, query: ada, authorizer: eve, status: 200, user: "eve"},
		{name: "token, no authorizer", auth: settings.TokenAuth, query: ada, status: 401},
		{name: "token, no user", auth: settings.TokenAuth, query: ada, authorizer: with("userId", ""), status: 401},
		{name: "token, user no text", auth: settings.TokenAuth, query: ada, authorizer: with("userId", 7), status: 401},
		{name: "token, user with a line end", auth: settings.TokenAuth, authorizer: with("userId", "a\n{}"), status: 401},
		{name: "token, no permissions", auth: settings.TokenAuth, authorizer: with("permissions", ""), status: 401},
		{name: "token, unknown permissions", auth: settings.TokenAuth, authorizer: with("permissions", `{"all":true}`), status: 401},
		{name: "token, no end", auth: settings.TokenAuth, authorizer: with("expiresAt", "0"), status: 401},
		{name: "token, bad room", auth: settings.TokenAuth, query: map[string]string{"roomId": ""}, authorizer: eve, status: 400},
		{name: "token, room not permitted", auth: settings.TokenAuth, query: map[string]string{"roomId": "lobby"}, authorizer: eve, status: 403},
		{name: "neither open nor token", query: ada, status: 401},
		{name: "token, store down", auth: settings.TokenAuth, authorizer: eve, broken: true, status: 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got members.Connection
			var store realtimetest.Connections = noted{got: &got}
			if c.broken {
				store = down{}
			}
			event := route.Event{QueryStringParameters: c.query}
			if c.authorizer != nil {
				event.RequestContext.Authorizer = c.authorizer
			}
			r, err := Connect(realtimetest.New(realtimetest.Options{Connections: store, Slots: realtimetest.NewMemory(time.Now)}).Connector, c.auth)(t.Context(), event)
			if err != nil || r.StatusCode != c.status || (c.status == 200) != (r.Body == "") {
				t.Errorf("got %+v, %v, want status %d", r, err, c.status)
			}
			if got.UserID != c.user || (c.user == "eve") == got.TokenExpiresAt.IsZero() {
				t.Errorf("let in %+v, want %q", got, c.user)
			}
		})
	}
}

func TestSubprotocol(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, header, value string
		multi, want         bool
	}{
		{"none", "", "", false, false},
		{"alone", "Sec-WebSocket-Protocol", "roomcast", false, true},
		{"with a token", "sec-websocket-protocol", "roomcast,eyJhbGciOiJub25lIn0.e30.", false, true},
		{"last", "SEC-WEBSOCKET-PROTOCOL", "a, b ,\troomcast ", false, true},
		{"in many lines", "Sec-WebSocket-Protocol", "roomcast", true, true},
		{"another case", "Sec-WebSocket-Protocol", "RoomCast", false, false},
		{"a part of one", "Sec-WebSocket-Protocol", "roomcast.v2, notroomcast", false, false},
		{"another header", "X-Sec-WebSocket-Protocol", "roomcast", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := route.Event{Headers: map[string]string{"Host": "example", c.header: c.value}}
			if c.multi {
				e.Headers[c.header] = "another"
				e.MultiValueHeaders = map[string][]string{c.header: {"another", c.value}}
			}
			got := subprotocol(e)
			if (len(got) == 1 && got["Sec-WebSocket-Protocol"] == "roomcast") != c.want || len(got) > 1 {
				t.Errorf("got %v, want %t", got, c.want)
			}
		})
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	memory := realtimetest.NewMemory(time.Now)
	handler := Connect(realtimetest.New(realtimetest.Options{
		Connections: memory, Slots: memory, Limits: limits.Limits{ConnectionsPerUser: 1},
	}).Connector, settings.OpenAuth)
	for id, want := range []int{200, 429} {
		var e route.Event
		e.RequestContext.ConnectionID, e.RequestContext.ConnectedAt = fmt.Sprint(id), time.Now().UnixMilli()
		e.QueryStringParameters = map[string]string{"userId": "ada"}
		got, err := handler(t.Context(), e)
		if err != nil || got.StatusCode != want || want == 429 && !strings.Contains(got.Body, `"limit_reached"`) {
			t.Errorf("got %+v, %v, want status %d", got, err, want)
		}
	}
}
