package session_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if err := w.Connect(t.Context(), session.Handshake{
		ConnectionID: "c1", IP: "192.0.2.1", At: realtimetest.Noon,
		Identity: session.Identity{UserID: "ada", Permissions: permission.Default(), TokenExpiresAt: realtimetest.Noon.Add(time.Hour).Truncate(time.Second)},
		Query:    map[string]string{"userId": "eve", "roomId": "lobby"},
	}); err != nil {
		t.Fatal(err)
	}
	got, err := w.Memory.Connection(t.Context(), "c1")
	want := members.Connection{
		ID: "c1", UserID: "ada", IP: "192.0.2.1", Rooms: []members.Membership{{RoomID: "lobby"}}, ConnectedAt: realtimetest.Noon,
		ExpiresAt:   realtimetest.Noon.Add(2*time.Hour + 5*time.Minute).Truncate(time.Second),
		Permissions: permission.Default(), TokenExpiresAt: realtimetest.Noon.Add(time.Hour).Truncate(time.Second),
		Slots: []limits.Slot{{Quota: "IP#192.0.2.1"}, {Quota: "USER#ada"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("stored %+v, %v, want %+v", got, err, want)
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := session.Identity{UserID: "ada", Permissions: permission.Permissions{
		Rules: permission.Rules{Rooms: permission.Patterns{"*"}}, Deny: permission.Rules{Join: permission.Patterns{"lobby"}},
	}}
	for room, code := range map[string]protocol.Code{"": protocol.CodeBadField, "lobby": protocol.CodeForbidden} {
		err := w.Connect(t.Context(), session.Handshake{Identity: ada, ConnectionID: "c1", At: realtimetest.Noon, Query: map[string]string{"roomId": room}})
		if err == nil || err.Code != code {
			t.Errorf("%q: got %v, want %s", room, err, code)
		}
	}
	if _, err := w.Memory.Connection(t.Context(), "c1"); !errors.Is(err, members.ErrUnknownConnection) {
		t.Errorf("a refused connection was stored: %v", err)
	}
}

func TestConnectUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = realtimetest.Broken{} })
	err := w.Connect(t.Context(), session.Handshake{ConnectionID: "c1", At: realtimetest.Noon, Identity: session.Identity{UserID: "ada"}})
	if err == nil || err.Code != protocol.CodeUnavailable || err.RetryAfter == 0 {
		t.Errorf("got %+v, want %s", err, protocol.CodeUnavailable)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby", "tea")
	w.AddConnection("c2", "ada", "lobby")
	for range 2 {
		if err := w.Disconnect(t.Context(), "c1", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Memory.Connection(t.Context(), "c1"); !errors.Is(err, members.ErrUnknownConnection) {
		t.Errorf("the connection is still stored: %v", err)
	}
	for room, want := range map[string]int{"lobby": 1, "tea": 0} {
		if members, _ := w.Memory.Members(t.Context(), room, 0, 0); len(members) != want {
			t.Errorf("%s has the members %v, want %d", room, members, want)
		}
	}
	if left, _ := w.Memory.OfUser(t.Context(), "ada"); len(left) != 1 || left[0].ConnectionID != "c2" {
		t.Errorf("ada has the connections %v, want c2", left)
	}
}

func TestDisconnectFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = realtimetest.Broken{} })
	if err := w.Disconnect(t.Context(), "c1", time.Time{}); !errors.Is(err, realtimetest.ErrBroken) {
		t.Errorf("got %v, want the store's error", err)
	}
}
