package roomcastclient_test

import (
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// withoutHistory connects a client that is in a room, up to message 5, but may not
// read the history.
func blind(t *testing.T, s *server, change ...func(*roomcastclient.Options)) *user {
	t.Helper()
	s.withoutHistory = true
	u := connect(t, s, change...)
	u.join("lobby")
	s.say("lobby", "1", "2", "3", "4", "5")
	u.got("lobby", "1", "2", "3", "4", "5")
	return u
}

// withhold keeps messages back until they are released, in the order of the log.
func (s *server) withhold(texts ...string) (release func()) {
	var held []func()
	s.locked(func() {
		s.lose = func(p *peer, m protocol.Message) bool {
			if !slices.Contains(texts, m.Message) {
				return false
			}
			held = append(held, func() { p.post(m) })
			return true
		}
	})
	return func() {
		s.locked(func() {
			s.lose = nil
			for _, post := range held {
				post()
			}
		})
	}
}

// It is requested once, reported and skipped, and costs no message that arrived or
// is on its way.
func TestGapThatIsNotReplayed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		s.withhold("6")
		s.say("lobby", "6", "7", "8", "9")
		release := s.withhold("10")
		s.say("lobby", "10")
		sleep(310 * time.Millisecond)
		release()
		s.say("lobby", "11")
		sleep(time.Second)
		u.got("lobby", "1", "2", "3", "4", "5", "7", "8", "9", "10", "11")
		want := roomcastclient.Joined{RoomID: "lobby", Position: roomcastclient.Position{Seq: 5, Epoch: "lobby-1"}}
		if reported := u.joinedEvents(); len(reported) != 2 || reported[1] != want {
			t.Errorf("reported %+v, want %+v last", reported, want)
		}
		pass()
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 2 {
			t.Errorf("%d joins, want one for the gap", n)
		}
	})
}

// A pong names messages that a queued job still holds. No later message waits for
// them, so they have any time.
func TestMessagesOnTheirWayAreNotSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := blind(t, s, func(o *roomcastclient.Options) { o.PingInterval = 10 * time.Second })
		release := s.withhold("6", "7")
		s.say("lobby", "6", "7")
		sleep(time.Minute)
		u.got("lobby", "1", "2", "3", "4", "5")
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 2 {
			t.Errorf("%d joins, want one that brings nothing", n)
		}
		release()
		s.say("lobby", "8")
		u.got("lobby", "1", "2", "3", "4", "5", "6", "7", "8")
	})
}

// A reply that brought nothing says nothing about later gaps.
func TestEachGapIsRequestedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		s.withhold("6", "8")
		s.say("lobby", "6", "7")
		sleep(time.Minute)
		s.say("lobby", "8", "9")
		sleep(time.Minute)
		u.got("lobby", "1", "2", "3", "4", "5", "7", "9")
		if joins, reported := s.requestsOf(protocol.ActionJoin), u.joinedEvents(); len(joins) != 3 || len(reported) != 3 {
			t.Errorf("joined %+v, reported %+v: want one more of each for a gap", joins, reported)
		}
	})
}

// It is reported once that messages may have been missed. Messages that arrive are
// delivered.
func TestReconnectWithoutReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		s.locked(s.cutAll)
		s.say("lobby", "6", "7")
		pass()
		s.locked(s.cutAll)
		pass()
		var reported []bool
		for _, j := range u.joinedEvents() {
			reported = append(reported, j.Recovered)
		}
		if want := []bool{false, false, true}; !slices.Equal(reported, want) {
			t.Errorf("reported %v, want %v", reported, want)
		}
		s.say("lobby", "8")
		sleep(310 * time.Millisecond)
		u.got("lobby", "1", "2", "3", "4", "5", "8")
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 3 {
			t.Errorf("%d joins, want one a connection", n)
		}
	})
}

// What is on its way to the old connection is not dropped when the new one learns
// the head.
func TestRolloverWithoutReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		release := s.withhold("6", "7")
		s.say("lobby", "6", "7")
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		release()
		s.say("lobby", "8")
		u.got("lobby", "1", "2", "3", "4", "5", "6", "7", "8")
	})
}

// A room that was empty has no epoch.
func TestFirstMessageWithoutReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.withoutHistory = true
		u := connect(t, s)
		u.join("lobby")
		s.withhold("1")
		s.say("lobby", "1", "2", "3")
		sleep(time.Second)
		u.got("lobby", "2", "3")
		if at, _ := u.Room("lobby").Position(); at != (roomcastclient.Position{Seq: 3, Epoch: "lobby-1"}) {
			t.Errorf("at %+v", at)
		}
	})
}
