package roomcastclient_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestHeartbeats(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.PingInterval = 90 * time.Second })
		u.join("lobby")
		s.say("lobby", "1")
		sleep(time.Hour)
		pings := s.requestsOf(protocol.ActionPing)
		if n := len(pings); n < 40 || n > 50 {
			t.Errorf("%d pings in an hour, want one each 72 to 90 s", n)
		}
		for i, r := range pings {
			if r.Heartbeat != 90 || len(r.Rooms) != 1 || r.Rooms[0].RoomID != "lobby" || r.Rooms[0].Seq != 1 {
				t.Fatalf("ping %+v", r)
			}
			if i > 0 && r.at.Sub(pings[i-1].at) > 90*time.Second {
				t.Errorf("pinged after %v", r.at.Sub(pings[i-1].at))
			}
		}
		if r := s.requestsOf(protocol.ActionJoin)[0]; r.Heartbeat != 90 {
			t.Errorf("join %+v", r)
		}
	})
}

// While a refused ping waits to be sent again, no other ping begins.
func TestRefusedPingsDoNotAddUp(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionPing {
				p.refuse(r, protocol.CodeRateLimited, 0)
			}
			return r.Action == protocol.ActionPing
		}
		connect(t, s)
		for range 4 {
			before := len(s.requestsOf(protocol.ActionPing))
			sleep(25 * time.Minute)
			if n := len(s.requestsOf(protocol.ActionPing)) - before; n > 250 {
				t.Errorf("%d pings in 25 minutes, want those of one that is sent again after the usual backoff", n)
			}
		}
		s.locked(func() { s.script = nil })
		pass()
		before := len(s.requestsOf(protocol.ActionPing))
		sleep(50 * time.Minute)
		if n := len(s.requestsOf(protocol.ActionPing)) - before; n < 9 || n > 13 {
			t.Errorf("%d pings in 50 minutes, want one each 4 to 5", n)
		}
	})
}

func TestPingNamesAtMost100Rooms(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		for i := range 230 {
			u.join(fmt.Sprint("room ", i))
		}
		sleep(5 * time.Minute)
		named := map[string]bool{}
		pings := s.requestsOf(protocol.ActionPing)
		for _, r := range pings {
			if len(r.Rooms) > 100 {
				t.Errorf("a ping names %d rooms", len(r.Rooms))
			}
			for _, room := range r.Rooms {
				named[room.RoomID] = true
			}
		}
		if len(pings) != 3 || len(named) != 230 {
			t.Errorf("%d pings name %d rooms", len(pings), len(named))
		}
	})
}

// A ping and its reply fit into a frame, no matter how long the room ids are: no
// ping is refused, and each round names every room.
func TestPingFitsIntoItsFrame(t *testing.T) {
	for name, c := range map[string]struct {
		rooms int
		room  string
	}{
		"100 rooms of 63 CJK letters": {100, strings.Repeat("語", 60)},
		"127 rooms":                   {127, strings.Repeat("語", 60)},
		"emoji":                       {150, strings.Repeat("😀", 124)},
		"quotes":                      {150, strings.Repeat(`"`, 124)},
		"separators":                  {150, strings.Repeat("\u2028", 124)},
		"short names":                 {300, "r"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				for i := range c.rooms {
					u.join(fmt.Sprintf("%s%03d", c.room, i))
				}
				sleep(5 * time.Minute)
				named := map[string]bool{}
				for _, r := range s.requestsOf(protocol.ActionPing) {
					if err := protocol.CheckFrame(r.raw); err != nil {
						t.Errorf("a ping of %d bytes: %v", len(r.raw), err)
					}
					for _, room := range r.Rooms {
						named[room.RoomID] = true
					}
				}
				if handshakes, _ := s.counts(); len(named) != c.rooms || handshakes != 1 || len(u.failures()) > 0 {
					t.Errorf("%d rooms named, %d handshakes, reported %q", len(named), handshakes, u.failures())
				}
			})
		})
	}
}

// A refused ping is reported, and the connection stays.
func TestRefusedPingIsReported(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionPing {
				p.refuse(r, protocol.CodeBadField, 0)
			}
			return r.Action == protocol.ActionPing
		}
		u := connect(t, s)
		u.join("lobby")
		sleep(10 * time.Minute)
		reported := u.failures()
		if len(reported) < 2 || reported[0] != "roomcast: ping: bad_field: as the test wants it" {
			t.Errorf("reported %q", reported)
		}
		if handshakes, _ := s.counts(); handshakes != 1 {
			t.Errorf("%d handshakes, want 1", handshakes)
		}
	})
}

func TestLostMembershipIsRestored(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() { delete(s.room("lobby").members, s.peers[0]) })
		s.say("lobby", "1", "2")
		u.got("lobby")
		sleep(5 * time.Minute)
		u.got("lobby", "1", "2")
		s.say("lobby", "3")
		u.got("lobby", "1", "2", "3")
	})
}

func TestPingFindsTheLostLastMessage(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		s.lose = func(_ *peer, m protocol.Message) bool { return m.Message == "lost" }
		s.say("lobby", "lost")
		sleep(5*time.Minute + time.Second)
		u.got("lobby", "lost")
	})
}

func TestPingWithoutAReplyEndsTheConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.peers[0].deaf, s.peers[0].mute = true, true
		})
		s.say("lobby", "1")
		sleep(5*time.Minute + 11*time.Second)
		u.got("lobby", "1")
		if len(s.dials) != 2 {
			t.Errorf("%d handshakes, want 2", len(s.dials))
		}
	})
}

// A request without a reply makes the client check the connection, long before the
// next ping.
func TestRequestFindsADeadConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() { s.peers[0].deaf = true })
		start := time.Now()
		u.send("lobby", "hello")
		if took := time.Since(start); took > 25*time.Second {
			t.Errorf("it took %v", took)
		}
		u.got("lobby", "hello")
	})
}
