package limits_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// shake connects a user from an address.
func (w *world) shake(id, ip, user, room string) *protocol.Error {
	query := map[string]string{"userId": user}
	if room != "" {
		query["roomId"] = room
	}
	return w.Connect(w.Context(), session.Handshake{
		ConnectionID: id, IP: ip, At: w.Now(), Query: query,
		Identity: session.Identity{UserID: query["userId"], Permissions: permission.Everything()},
	})
}

func TestHolders(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]limits.QuotaKey{
		"192.0.2.1":                "IP#192.0.2.1",
		"::ffff:192.0.2.1":         "IP#192.0.2.1",
		"2001:db8:1:2:3:4:5:6":     "IP#2001:db8:1:2::/64",
		"2001:db8:1:2::":           "IP#2001:db8:1:2::/64",
		"2001:0DB8:1:2:ffff::1%e0": "IP#2001:db8:1:2::/64",
		"2001:db8:1:3::":           "IP#2001:db8:1:3::/64",
		"":                         "IP#",
		"nonsense":                 "IP#nonsense",
	} {
		if got := limits.AddressQuota(ip); got != want {
			t.Errorf("%q: got %s, want %s", ip, got, want)
		}
	}
}

func TestConnectionsPerIPAndUser(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		o.Limits.ConnectionsPerIP, o.Limits.ConnectionsPerUser = 3, 2
	})
	for i, step := range []struct {
		ip, user, want string
	}{
		{"2001:db8::1", "ada", ""},
		{"2001:db8::2", "ada", ""},
		{"2001:db8::3", "ada", "you have 2 connections"},
		{"2001:db8:0:1::", "ada", "you have 2 connections"},
		{"2001:db8::1", "bob", ""},
		{"2001:db8::9", "cyn", "this address has 3 connections"},
		{"2001:db8:0:1::", "cyn", ""},
	} {
		e := w.shake(fmt.Sprint("c", i), step.ip, step.user, "")
		if step.want == "" && e != nil || step.want != "" && (e == nil || e.Code != protocol.CodeLimitReached || !strings.Contains(e.Message, step.want)) {
			t.Errorf("step %d: got %v, want %q", i, e, step.want)
		}
		now = now.Add(time.Second) // so that no full quota is cached
	}
	// A refused connection has taken no slot.
	w.WantSlots("IP#2001:db8::/64", 3)
	w.WantSlots("IP#2001:db8:0:1::/64", 1)
	w.WantSlots("USER#ada", 2)
	w.WantSlots("USER#cyn", 1)
	if members, _ := w.Memory.OfUser(t.Context(), "ada"); len(members) != 2 {
		t.Errorf("ada has %v", members)
	}
	for range 2 {
		if err := w.Disconnect(t.Context(), "c0", time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	w.WantSlots("USER#ada", 1)
	if e := w.shake("c9", "2001:db8::9", "ada", ""); e != nil {
		t.Errorf("after one has gone: got %v", e)
	}
	// Connections whose end is not noticed free their slots when they expire.
	now = realtimetest.Noon.Add(members.ConnectionLifetime + 10*time.Second)
	w.WantSlots("IP#2001:db8::/64", 0)
	if e := w.shake("c10", "2001:db8::1", "ada", ""); e != nil {
		t.Errorf("when the others have expired: got %v", e)
	}
}

// TestAFailedConnectHoldsNoSlot fails the stores at different calls.
func TestAFailedConnectHoldsNoSlot(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*realtimetest.Options){
		"connections": func(o *realtimetest.Options) { o.Connections = realtimetest.Broken{} },
		"log":         func(o *realtimetest.Options) { o.Log = realtimetest.Broken{} },
		"one slot":    func(o *realtimetest.Options) { o.Slots = &fewSlots{Slots: o.Slots, without: "USER#ada"} },
		"no slot":     func(o *realtimetest.Options) { o.Slots = realtimetest.Broken{} },
	} {
		w := newWorld(t, change)
		if e := w.shake("c1", "192.0.2.1", "ada", "lobby"); e == nil || e.Code != protocol.CodeUnavailable {
			t.Errorf("%s: got %v", name, e)
		}
		w.WantSlots("IP#192.0.2.1", 0)
		w.WantSlots("USER#ada", 0)
	}
}

// fewSlots has none for one quota.
type fewSlots struct {
	limits.Slots
	without limits.QuotaKey
}

func (f *fewSlots) Take(ctx context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	if of == f.without {
		return limits.Slot{}, realtimetest.ErrBroken
	}
	return f.Slots.Take(ctx, of, limit, connectionID, expiresAt)
}

// countingSlots counts the slots that are requested.
type countingSlots struct {
	limits.Slots
	takes atomic.Int64
}

func (c *countingSlots) Take(ctx context.Context, of limits.QuotaKey, limit int, connectionID string, expiresAt time.Time) (limits.Slot, error) {
	c.takes.Add(1)
	return c.Slots.Take(ctx, of, limit, connectionID, expiresAt)
}

func TestFullIsRememberedForASecond(t *testing.T) {
	t.Parallel()
	slots := &countingSlots{}
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		slots.Slots, o.Slots = o.Slots, slots
		o.Limits.ConnectionsPerIP, o.Limits.ConnectionsPerUser = 1, limits.Unlimited
	})
	refused := func(id string) bool { return w.shake(id, "192.0.2.1", "ada", "") != nil }
	if refused("c1") || !refused("c2") {
		t.Fatal("want one in and one out")
	}
	_ = w.Disconnect(t.Context(), "c1", time.Time{})
	now = realtimetest.Noon.Add(999 * time.Millisecond)
	if !refused("c3") || slots.takes.Load() != 2 {
		t.Errorf("asked for a slot %d times, want 2", slots.takes.Load())
	}
	if e := w.shake("c4", "192.0.2.2", "ada", ""); e != nil {
		t.Errorf("another address: got %v", e)
	}
	now = realtimetest.Noon.Add(time.Second)
	if refused("c5") {
		t.Error("refused after a second")
	}
}

// TestConnectsConcurrently connects 1,500 times from one address.
func TestConnectsConcurrently(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var in atomic.Int64
	var wg sync.WaitGroup
	for i := range 1500 {
		wg.Go(func() {
			switch e := w.shake(fmt.Sprint("c", i), "192.0.2.1", fmt.Sprint("user-", i), ""); {
			case e == nil:
				in.Add(1)
			case e.Code != protocol.CodeLimitReached:
				t.Error(e)
			}
		})
	}
	wg.Wait()
	if got := in.Load(); got != 1000 {
		t.Errorf("let in %d, want 1000", got)
	}
	w.WantSlots("IP#192.0.2.1", 1000)
}

func TestRoomsPerConnection(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Limits.RoomsPerConnection = 2 })
	w.AddConnection("c1", "ada", "lobby")
	join := func(room string) protocol.Frame {
		return w.Answer("join", "c1", fmt.Sprintf(`{"action":"join","roomId":%q}`, room))
	}
	for i, step := range []struct {
		room string
		want protocol.Code
	}{{"tea", ""}, {"tea", ""}, {"doc", protocol.CodeLimitReached}, {"lobby", ""}} {
		if got := realtimetest.Code(join(step.room)); got != step.want {
			t.Errorf("join %d: got %q, want %q", i, got, step.want)
		}
	}
	w.WantFrame(join("doc"),
		`{"type":"error","code":"limit_reached","message":"roomId: this connection is in 2 rooms, the maximum: leave one first"}`)
	w.Answer("leave", "c1", `{"action":"leave","roomId":"lobby"}`)
	if got := realtimetest.Code(join("doc")); got != "" {
		t.Errorf("after it left one: got %q", got)
	}
}

func TestMembersPerRoom(t *testing.T) {
	t.Parallel()
	now := realtimetest.Noon
	w := newWorldAt(t, func() time.Time { return now }, func(o *realtimetest.Options) {
		o.Limits.MembersPerRoom, o.Limits.RoomsPerConnection = 2, 2
	})
	for _, id := range []string{"c1", "c2", "c3"} {
		w.AddConnection(id, "ada")
	}
	join := func(id, room string) protocol.Code {
		now = now.Add(time.Second)
		return realtimetest.Code(w.Answer("join", id, fmt.Sprintf(`{"action":"join","roomId":%q}`, room)))
	}
	for i, step := range []struct {
		id, room string
		want     protocol.Code
	}{
		{"c1", "lobby", ""}, {"c1", "lobby", ""}, {"c2", "lobby", ""}, {"c3", "lobby", protocol.CodeLimitReached},
		{"c2", "lobby", ""}, {"c3", "tea", ""}, {"c3", "doc", ""}, {"c3", "far", protocol.CodeLimitReached},
		{"gone", "doc", protocol.CodeNotConnected},
	} {
		if got := join(step.id, step.room); got != step.want {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
	w.WantSlots("ROOM#lobby", 2)
	w.WantSlots("ROOM#doc", 1)
	w.WantSlots("ROOM#far", 0) // it took one, and was in too many rooms
	if e := w.shake("c4", "192.0.2.1", "ada", "lobby"); e == nil || e.Code != protocol.CodeLimitReached {
		t.Errorf("connect: got %v", e)
	}
	w.WantSlots("USER#ada", 0)
	w.Answer("leave", "c1", `{"action":"leave","roomId":"lobby"}`)
	now = now.Add(time.Second)
	if e := w.shake("c4", "192.0.2.1", "ada", "lobby"); e != nil {
		t.Errorf("connect after one has left: got %v", e)
	}
	w.WantSlots("ROOM#lobby", 2)
	for _, id := range []string{"c2", "c4"} {
		_ = w.Disconnect(t.Context(), id, time.Time{})
	}
	w.WantSlots("ROOM#lobby", 0)
}
