package session_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

func ada(p permission.Permissions, expiresAt time.Time) session.Identity {
	return session.Identity{UserID: "ada", Permissions: p, TokenExpiresAt: expiresAt}
}

// proves returns a check of a valid token.
func proves(id session.Identity) func(context.Context) (session.Identity, error) {
	return func(context.Context) (session.Identity, error) { return id, nil }
}

var rooms = func(patterns ...string) permission.Permissions {
	return permission.Permissions{Rules: permission.Rules{Rooms: patterns}}
}

func TestRefreshToken(t *testing.T) {
	t.Parallel()
	hour := realtimetest.Noon.Add(time.Hour).Truncate(time.Second)
	tests := []struct {
		name      string
		expiresAt time.Time // of the old token
		id        session.Identity
		want      string
		in        []string
	}{
		{"a new token", realtimetest.Noon.Add(time.Minute), ada(permission.Default(), hour),
			`{"type":"refreshed","clientId":"x","expiresAt":1790003600000}`, []string{"lobby", "tea", "team-1"}},
		{"the old one has ended", realtimetest.Noon.Add(-time.Hour), ada(permission.Default(), hour),
			`{"type":"refreshed","clientId":"x","expiresAt":1790003600000}`, []string{"lobby", "tea", "team-1"}},
		{"one that ends earlier", hour.Add(time.Hour), ada(permission.Default(), hour),
			`{"type":"refreshed","clientId":"x","expiresAt":1790003600000}`, []string{"lobby", "tea", "team-1"}},
		{"fewer rooms", realtimetest.Noon.Add(time.Minute), ada(rooms("lobby"), hour),
			`{"type":"refreshed","clientId":"x","expiresAt":1790003600000,"left":["tea","team-1"]}`, []string{"lobby"}},
		{"no room", realtimetest.Noon.Add(time.Minute), ada(permission.Permissions{}, hour),
			`{"type":"refreshed","clientId":"x","expiresAt":1790003600000,"left":["lobby","tea","team-1"]}`, nil},
		{"another user", realtimetest.Noon.Add(time.Minute), session.Identity{UserID: "eve", Permissions: permission.Everything(), TokenExpiresAt: hour},
			`{"type":"error","code":"bad_token","message":"token: belongs to another user than this connection: connect with it","clientId":"x"}`, []string{"lobby", "tea", "team-1"}},
		{"one that has ended", realtimetest.Noon.Add(time.Minute), ada(permission.Everything(), realtimetest.Noon.Add(-time.Second)),
			`{"type":"error","code":"bad_token","message":"token: has expired: request a new one","clientId":"x"}`, []string{"lobby", "tea", "team-1"}},
		{"one that never ends", realtimetest.Noon.Add(time.Minute), ada(permission.Everything(), time.Time{}),
			`{"type":"error","code":"bad_token","message":"token: has expired: request a new one","clientId":"x"}`, []string{"lobby", "tea", "team-1"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Admit("c1", "ada", permission.Default(), test.expiresAt, "tea", "lobby", "team-1")
			before, _ := w.Memory.Connection(t.Context(), "c1")
			req := protocol.Refresh{Request: protocol.Request{ClientID: "x"}, Token: "secret"}
			w.WantFrame(w.RefreshToken(t.Context(), "c1", req, proves(test.id)), test.want)
			c, err := w.Memory.Connection(t.Context(), "c1")
			if err != nil {
				t.Fatal(err)
			}
			want := test.id.TokenExpiresAt
			if strings.Contains(test.want, "bad_token") {
				want = before.TokenExpiresAt
			}
			var in []string
			for _, m := range c.Rooms {
				in = append(in, m.RoomID)
			}
			slices.Sort(in)
			if !c.TokenExpiresAt.Equal(want) || !slices.Equal(in, test.in) {
				t.Errorf("it ends at %v and is in %v, want %v and %v", c.TokenExpiresAt, in, want, test.in)
			}
			for _, room := range []string{"lobby", "tea", "team-1"} {
				if members, _ := w.Memory.Members(t.Context(), room, 0, 0); len(members) == 1 != slices.Contains(test.in, room) {
					t.Errorf("members of %s: %v", room, members)
				}
			}
		})
	}
}

func TestRefreshTokenOfNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(permission.Default(), realtimetest.Noon.Add(time.Hour)))); realtimetest.Code(got) != protocol.CodeNotConnected {
		t.Errorf("got %+v", got)
	}
}

func TestRefreshTokenFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = realtimetest.Broken{} })
	got := w.RefreshToken(t.Context(), "c1", protocol.Refresh{Token: "secret"}, proves(ada(permission.Default(), realtimetest.Noon.Add(time.Hour))))
	if realtimetest.Code(got) != protocol.CodeUnavailable || strings.Contains(w.Logged.String(), "secret") || !strings.Contains(w.Logged.String(), "on fire") {
		t.Errorf("got %+v, logged %s", got, w.Logged)
	}
}

// TestRefreshNamesWhatFits removes a connection from more rooms than a frame names.
func TestRefreshNamesWhatFits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var in []string
	for i := range 150 {
		in = append(in, fmt.Sprintf("%03d%s", i, strings.Repeat("😀", 120)))
	}
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute), in...)
	frame := realtimetest.Encode(t, w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(permission.Permissions{}, realtimetest.Noon.Add(time.Hour)))))
	if len(frame) > protocol.MaxFrame || !strings.Contains(frame, `"left":["000`) {
		t.Errorf("got a frame of %d bytes", len(frame))
	}
	if c, _ := w.Memory.Connection(t.Context(), "c1"); len(c.Rooms) != 0 {
		t.Errorf("still in %d rooms", len(c.Rooms))
	}
}

// TestRefreshesConcurrently refreshes concurrently: the connection is then in the rooms that
// the last token permits.
func TestRefreshesConcurrently(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realtimetest.NoRates)
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute), "a", "b", "c")
	concurrently := func(n int, do func(int)) {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { do(i) })
		}
		wg.Wait()
	}
	may := []permission.Permissions{rooms("a"), rooms("b"), rooms("a", "c")}
	concurrently(12, func(i int) {
		got := w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(may[i%3], realtimetest.Noon.Add(time.Duration(i+1)*time.Hour))))
		if realtimetest.Code(got) != "" {
			t.Errorf("got %+v", got)
		}
	})
	c, _ := w.Memory.Connection(t.Context(), "c1")
	for _, m := range c.Rooms {
		if !c.Permissions.Allow(permission.Join, m.RoomID) {
			t.Errorf("is in %s, and may %+v", m.RoomID, c.Permissions)
		}
	}
}

// stuck is a store that cannot remove a connection from a room.
type stuck struct {
	realtimetest.Connections
	broken bool
}

func (s *stuck) Leave(ctx context.Context, id, roomID string) error {
	if s.broken {
		return realtimetest.ErrBroken
	}
	return s.Connections.Leave(ctx, id, roomID)
}

// TestRefreshThatFails leaves the old token's expiry in force, so that no connection stays in
// a room for the life of a token that does not permit it.
func TestRefreshThatFails(t *testing.T) {
	t.Parallel()
	store := &stuck{broken: true}
	w := newWorld(t, func(o *realtimetest.Options) { store.Connections, o.Connections = o.Connections, store })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute), "vault", "tea")
	refresh := func() protocol.Frame {
		return w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(rooms("tea"), realtimetest.Noon.Add(time.Hour))))
	}
	if got := refresh(); realtimetest.Code(got) != protocol.CodeUnavailable {
		t.Errorf("got %+v", got)
	}
	if c, _ := w.Memory.Connection(t.Context(), "c1"); !c.TokenExpiresAt.Equal(realtimetest.Noon.Add(time.Minute)) {
		t.Errorf("it may go on until %v", c.TokenExpiresAt)
	}
	store.broken = false
	if got, ok := refresh().(protocol.Refreshed); !ok || !slices.Equal(got.Left, []string{"vault"}) {
		t.Errorf("got %+v", got)
	}
}

// TestJoinThatFails asks the client to send the join again, with a token or without.
func TestJoinThatFails(t *testing.T) {
	t.Parallel()
	slow := &slowJoin{before: func() {}, err: realtimetest.ErrBroken}
	w := newWorld(t, func(o *realtimetest.Options) { slow.Connections, o.Connections = o.Connections, slow })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute))
	if got := w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`); realtimetest.Code(got) != protocol.CodeUnavailable {
		t.Errorf("got %+v", got)
	}
}

// slowJoin is a store in which a refresh comes between a join's read of the connection and
// its membership.
type slowJoin struct {
	realtimetest.Connections
	before func()
	err    error // of the join, which is then not carried out
}

func (s *slowJoin) Join(ctx context.Context, id string, m members.Membership, st members.Status, t members.JoinConditions) error {
	s.before()
	if s.err != nil {
		return s.err
	}
	return s.Connections.Join(ctx, id, m, st, t)
}

// TestJoinRacesRefresh leaves no connection in a room that the new token does not permit.
func TestJoinRacesRefresh(t *testing.T) {
	t.Parallel()
	slow := &slowJoin{}
	w := newWorld(t, func(o *realtimetest.Options) { slow.Connections, o.Connections = o.Connections, slow })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute))
	slow.before = func() {
		if got := w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(rooms("tea"), realtimetest.Noon.Add(time.Hour)))); realtimetest.Code(got) != "" {
			t.Errorf("got %+v", got)
		}
	}
	if got := w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`); realtimetest.Code(got) != protocol.CodeForbidden {
		t.Errorf("got %+v", got)
	}
	if members, _ := w.Memory.Members(t.Context(), "lobby", 0, 0); len(members) != 0 {
		t.Errorf("in the lobby: %v", members)
	}
}

// TestJoinOfTwoShardsRacesRefresh also closes the shard that the member was about to join.
func TestJoinOfTwoShardsRacesRefresh(t *testing.T) {
	t.Parallel()
	slow := &slowJoin{}
	w := newWorld(t, func(o *realtimetest.Options) { slow.Connections, o.Connections = o.Connections, slow })
	w.Admit("c1", "ada", permission.Default(), realtimetest.Noon.Add(time.Minute))
	tries := 0
	slow.before = func() {
		if tries++; tries > 1 {
			return
		}
		w.RefreshToken(t.Context(), "c1", protocol.Refresh{}, proves(ada(rooms("tea"), realtimetest.Noon.Add(time.Hour))))
		if err := w.Memory.Resize(t.Context(), "lobby", shard.Layout{Shards: 2, Open: []int{1}, Version: 1}, time.Now().Add(60*24*time.Hour)); err != nil {
			t.Error(err)
		}
	}
	if got := w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`); realtimetest.Code(got) != protocol.CodeForbidden {
		t.Errorf("got %+v, want forbidden", got)
	}
	for shard := range 2 {
		if members, _ := w.Memory.Members(t.Context(), "lobby", shard, 0); len(members) != 0 {
			t.Errorf("in shard %d of the lobby: %v", shard, members)
		}
	}
}

// TestRefreshesAreLimited refuses a connection that keeps refreshing before the token is
// checked or anything is read. The error has the clientId of the frame.
func TestRefreshesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Limits.FrameRate = 10 })
	w.AddConnection("c1", "ada")
	id := session.Identity{UserID: "ada", Permissions: permission.Default(), TokenExpiresAt: w.Now().Add(time.Hour).Truncate(time.Second)}
	req := protocol.Refresh{Request: protocol.Request{ClientID: "x"}}
	first := w.RefreshToken(t.Context(), "c1", req, proves(id))
	if _, ok := first.(protocol.Refreshed); !ok {
		t.Fatalf("got %+v", first)
	}
	checked := false
	e, _ := w.RefreshToken(t.Context(), "c1", req, func(context.Context) (session.Identity, error) {
		checked = true
		return id, nil
	}).(protocol.ErrorFrame)
	if e.Code != protocol.CodeRateLimited || e.ClientID != "x" || e.RetryAfterMs == 0 || checked {
		t.Errorf("got %+v, and the token was checked: %v", e, checked)
	}
}

// halfway is a store that cannot remove a connection from a room after its permissions were
// renewed.
type halfway struct {
	realtimetest.Connections
	renewed bool
	before  func()
}

func (h *halfway) Renew(ctx context.Context, id string, to session.Identity) (members.Connection, error) {
	h.before()
	h.renewed = true
	return h.Connections.Renew(ctx, id, to)
}

func (h *halfway) Leave(ctx context.Context, id, roomID string) error {
	if h.renewed {
		return realtimetest.ErrBroken
	}
	return h.Connections.Leave(ctx, id, roomID)
}

// TestRefreshThatEndsHalfway removes a permission from a connection that joins at the same
// time, and fails before it has checked the rooms once more. The connection does not stay in
// the room: a sweep closes it, and a refused join removes it.
func TestRefreshThatEndsHalfway(t *testing.T) {
	setUp := func(w *world) {
		store := &halfway{Connections: w.Memory}
		service := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) { o.Connections, o.Log, o.Poster = store, w.Memory, w.Poster })
		store.before = func() { w.Answer("join", "c1", `{"action":"join","roomId":"vault"}`) }
		w.Admit("c1", "ada", permission.Default(), time.Now().Add(time.Minute))
		id := ada(rooms("tea"), time.Now().Add(time.Hour).Truncate(time.Second))
		if got := service.RefreshToken(w.Context(), "c1", protocol.Refresh{}, proves(id)); realtimetest.Code(got) != protocol.CodeUnavailable {
			w.Fatalf("got %+v", got)
		}
	}
	members := func(w *world) int {
		n, err := w.Memory.Count(w.Context(), "vault", 0)
		if err != nil {
			w.Fatal(err)
		}
		return n
	}
	t.Run("a sweep closes it", func(t *testing.T) {
		bubble(t, func(w *world) {
			setUp(w)
			for range 2 {
				time.Sleep(time.Minute)
				if _, err := w.Sweep(w.Context()); err != nil {
					w.Fatal(err)
				}
			}
			if n := members(w); n != 0 || !slices.Contains(w.Poster.Closed(), "c1") {
				w.Errorf("the room has %d members, and closed were %v", n, w.Poster.Closed())
			}
		})
	})
	t.Run("a refused join takes it out", func(t *testing.T) {
		bubble(t, func(w *world) {
			setUp(w)
			if got := w.Answer("join", "c1", `{"action":"join","roomId":"vault"}`); realtimetest.Code(got) != protocol.CodeForbidden {
				w.Errorf("got %+v", got)
			}
			if n := members(w); n != 0 {
				w.Errorf("the room has %d members", n)
			}
		})
	})
	t.Run("a refresh with the same rights is not looked at", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.Admit("c1", "ada", rooms("tea"), time.Now().Add(time.Hour), "tea")
			w.RefreshToken(w.Context(), "c1", protocol.Refresh{}, proves(ada(rooms("tea"), time.Now().Add(2*time.Hour).Truncate(time.Second))))
			if notes, _ := w.Memory.ListExpiries(w.Context(), time.Now().Add(30*time.Second)); len(notes) != 0 {
				w.Errorf("noted %v", notes)
			}
		})
	})
}

// TestRoomNamesAreBounded joins rooms with long names, all at the same time: together the
// names fit into the row of a connection.
func TestRoomNamesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, realtimetest.NoRates)
	w.AddConnection("c1", "ada")
	names := func(chars int) string { return strings.Repeat("😀", chars-3) }
	var wg sync.WaitGroup
	var joined, refused atomic.Int64
	for i := range 60 {
		wg.Go(func() {
			for { // as a client does
				got := w.Answer("join", "c1", fmt.Sprintf(`{"action":"join","roomId":"%03d%s"}`, i, names(128)))
				switch realtimetest.Code(got) {
				case "":
					joined.Add(1)
				case protocol.CodeLimitReached:
					refused.Add(1)
				case protocol.CodeUnavailable:
					continue
				default:
					t.Errorf("got %+v", got)
				}
				return
			}
		})
	}
	wg.Wait()
	c, _ := w.Memory.Connection(t.Context(), "c1")
	bytes := 0
	for _, m := range c.Rooms {
		bytes += len(m.RoomID)
	}
	if bytes > 8<<10 || int(joined.Load()) != len(c.Rooms) || joined.Load()+refused.Load() != 60 || joined.Load() < 10 {
		t.Errorf("it is in %d rooms with names of %d bytes; %d joined, %d were refused", len(c.Rooms), bytes, joined.Load(), refused.Load())
	}
	if got := w.Answer("join", "c1", `{"action":"join","roomId":"`+c.Rooms[0].RoomID+`"}`); realtimetest.Code(got) != "" {
		t.Errorf("joining a room again: got %+v", got)
	}
}
