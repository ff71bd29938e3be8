package roomcastclient_test

import (
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// blind makes a client in a room, up to message 5, whose history it may not read.
func blind(t *testing.T, s *server, change ...func(*roomcastclient.Options)) *user {
	t.Helper()
	s.blind = true
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

// TestAHoleThatIsNotReplayed: it is asked for once, told, and passed over, and
// takes nothing along that came or is on its way.
func TestAHoleThatIsNotReplayed(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
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
		if told := u.told(); len(told) != 2 || told[1] != want {
			t.Errorf("told %+v, want %+v last", told, want)
		}
		pass()
		if n := len(s.asked(protocol.ActionJoin)); n != 2 {
			t.Errorf("%d joins, want one for the hole", n)
		}
	})
}

// TestWhatIsOnItsWayIsNotPassedOver: a pong names messages that a job of the
// queue still holds. Nothing waits for them, so they have all the time.
func TestWhatIsOnItsWayIsNotPassedOver(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		u := blind(t, s, func(o *roomcastclient.Options) { o.PingInterval = 10 * time.Second })
		release := s.withhold("6", "7")
		s.say("lobby", "6", "7")
		sleep(time.Minute)
		u.got("lobby", "1", "2", "3", "4", "5")
		if n := len(s.asked(protocol.ActionJoin)); n != 2 {
			t.Errorf("%d joins, want one in vain", n)
		}
		release()
		s.say("lobby", "8")
		u.got("lobby", "1", "2", "3", "4", "5", "6", "7", "8")
	})
}

// TestEachHoleIsAskedForOnce: an answer in vain says nothing of later ones.
func TestEachHoleIsAskedForOnce(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		s.withhold("6", "8")
		s.say("lobby", "6", "7")
		sleep(time.Minute)
		s.say("lobby", "8", "9")
		sleep(time.Minute)
		u.got("lobby", "1", "2", "3", "4", "5", "7", "9")
		if joins, told := s.asked(protocol.ActionJoin), u.told(); len(joins) != 3 || len(told) != 3 {
			t.Errorf("joined %+v, told %+v: want one more of each for a hole", joins, told)
		}
	})
}

// TestAReconnectThatIsNotReplayed tells once what may have been missed, and
// goes on with what comes.
func TestAReconnectThatIsNotReplayed(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		u := blind(t, s)
		s.locked(s.cutAll)
		s.say("lobby", "6", "7")
		pass()
		s.locked(s.cutAll)
		pass()
		var told []bool
		for _, j := range u.told() {
			told = append(told, j.Recovered)
		}
		if want := []bool{false, false, true}; !slices.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
		s.say("lobby", "8")
		sleep(310 * time.Millisecond)
		u.got("lobby", "1", "2", "3", "4", "5", "8")
		if n := len(s.asked(protocol.ActionJoin)); n != 3 {
			t.Errorf("%d joins, want one a connection", n)
		}
	})
}

// TestARolloverThatIsNotReplayed: what is on its way to the old connection is
// not dropped when the new one is told the head.
func TestARolloverThatIsNotReplayed(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
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

// TestTheFirstMessageThatIsNotReplayed: a room that was empty has no epoch.
func TestTheFirstMessageThatIsNotReplayed(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		s.blind = true
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
