package roomcastclient_test

import (
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// talk has messages sent every minute for a while, and fails the test unless
// all of them came.
func talk(t *testing.T, s *server, u *user, d time.Duration) {
	t.Helper()
	before := len(u.texts("lobby"))
	n := int(d / time.Minute)
	for range n {
		s.say("lobby", "hi")
		sleep(time.Minute)
	}
	if got := len(u.texts("lobby")) - before; got != n {
		t.Errorf("%d messages arrived, want %d", got, n)
	}
}

// The new connection has no place while the old one holds it, so the old one is
// used until API Gateway ends it.
func TestRolloverInAFullRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.places = 1
		u := connect(t, s)
		u.join("lobby")
		talk(t, s, u, 119*time.Minute)
		if _, n := s.counts(); n != 2 || u.rollovers != 0 {
			t.Errorf("%d connections, %d rollovers: want a second one that waits", n, u.rollovers)
		}
		if sent := u.send("lobby", "on the old one"); sent.Seq != 120 {
			t.Errorf("sent %+v", sent)
		}
		if joins := s.requestsOf(protocol.ActionJoin); len(joins) > 200 {
			t.Errorf("%d joins in 20 minutes", len(joins))
		}
		if len(u.left) > 0 || len(u.failures()) > 0 {
			t.Errorf("left %q, reported %q: nothing is wrong yet", u.left, u.failures())
		}
		s.locked(func() { s.peers[0].cut() })
		talk(t, s, u, time.Hour)
		if _, n := s.counts(); n != 2 || len(u.left) > 0 {
			t.Errorf("%d connections, left %q", n, u.left)
		}
		for _, j := range u.joinedEvents()[1:] {
			if !j.Recovered {
				t.Errorf("reported %+v", j)
			}
		}
	})
}

// The room is joined when there is a place, which a dead connection of the same
// client may hold. Pending messages wait for that.
func TestFullRoomIsJoinedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.places = 1
		u := connect(t, s)
		u.join("lobby")
		dead := &peer{closed: true}
		s.locked(func() {
			s.cutAll()
			s.room("lobby").members[dead] = true
		})
		sleep(time.Second)
		sent := make(chan error, 1)
		go func() { _, err := u.Room("lobby").Send(t.Context(), "mine"); sent <- err }()
		sleep(10 * time.Minute)
		if joins := s.requestsOf(protocol.ActionJoin); len(joins) < 30 || len(joins) > 130 {
			t.Errorf("%d joins in 10 minutes, want about 60", len(joins))
		}
		if reported := u.failures(); !strings.Contains(strings.Join(reported, "\n"), "limit_reached") || len(u.left) > 0 {
			t.Errorf("reported %q, left %q", reported, u.left)
		}
		s.say("lobby", "theirs")
		s.locked(func() { delete(s.room("lobby").members, dead) })
		if err := <-sent; err != nil {
			t.Error(err)
		}
		u.got("lobby", "theirs", "mine")
	})
}

// It is left at once and not joined again.
func TestFullRoomCanBeLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.places = 1
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.cutAll()
			s.room("lobby").members[&peer{closed: true}] = true
		})
		sleep(5 * time.Minute)
		start := time.Now()
		if err := u.Room("lobby").Leave(t.Context()); err != nil || time.Since(start) > 0 {
			t.Errorf("left after %v: %v", time.Since(start), err)
		}
		joins := len(s.requestsOf(protocol.ActionJoin))
		sleep(5 * time.Minute)
		if n := len(s.requestsOf(protocol.ActionJoin)); n != joins {
			t.Errorf("%d joins after the leave", n-joins)
		}
		s.locked(func() { s.places = 0 })
		start = time.Now()
		if u.join("lobby"); time.Since(start) > 0 {
			t.Errorf("joined after %v", time.Since(start))
		}
	})
}

// The connection in use decides whether the room can be joined.
func TestFirstJoinDuringARollover(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			switch {
			case r.Action != protocol.ActionJoin:
				return false
			case p.number == 2 || r.RoomID == "attic":
				p.refuse(r, protocol.CodeLimitReached, 0)
			default:
				time.AfterFunc(time.Second, func() { s.locked(func() { s.answer(p, r) }) })
			}
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		go func() { _ = u.Rollover(t.Context()) }()
		sleep(time.Second)
		if _, err := u.Room("attic").Join(t.Context()); err == nil || !strings.Contains(err.Error(), "limit_reached") {
			t.Errorf("got %v, want limit_reached", err)
		}
		u.join("office")
		s.locked(func() { s.script = nil })
		pass()
		s.say("office", "hi")
		u.got("office", "hi")
		if u.rollovers != 1 || len(u.left) > 0 {
			t.Errorf("%d rollovers, left %q", u.rollovers, u.left)
		}
	})
}

// The user has as many connections as allowed, so the old one is used until API
// Gateway ends it.
func TestRolloverAtTheConnectionLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.devices = 1
		u := connect(t, s, func(o *roomcastclient.Options) { o.RolloverAfter = time.Hour })
		u.join("lobby")
		talk(t, s, u, 2*time.Hour)
		u.send("lobby", "on the old one")
		if tries, n := s.counts(); n != 1 || tries < 180 || tries > 800 {
			t.Errorf("%d connections, %d handshakes in an hour, want about 360", n, tries)
		}
		s.locked(s.cutAll)
		talk(t, s, u, 10*time.Minute)
		if _, n := s.counts(); n != 2 || len(u.left) > 0 {
			t.Errorf("%d connections, left %q", n, u.left)
		}
	})
}
