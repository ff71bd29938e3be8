package roomcastclient_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestRolloverIsMakeBeforeBreak(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.say("lobby", "0")
		// The second connection joins slowly and receives messages twice.
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if p.number == 2 && r.Action == protocol.ActionJoin {
					go func() {
						time.Sleep(1050 * time.Millisecond)
						s.locked(func() { s.answer(p, r) })
					}()
					return true
				}
				return false
			}
		})
		want := []string{"0"}
		go func() {
			for i := 1; i < 40; i++ {
				s.locked(func() { s.appendMessage("lobby", fmt.Sprint("said ", i)) })
				time.Sleep(100 * time.Millisecond)
			}
		}()
		done := make(chan error, 1)
		go func() { done <- u.Rollover(t.Context()) }()
		sleep(500 * time.Millisecond)
		if s.peers[0].closed || len(s.peers) != 2 {
			t.Error("the old connection was given up before the new one was in the room")
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		u.send("lobby", "mine")
		sleep(10 * time.Second)
		for i := 1; i < 40; i++ {
			want = append(want, fmt.Sprint("said ", i))
			if i == 11 {
				want = append(want, "mine")
			}
		}
		u.got("lobby", want...)
		if !s.peers[0].closed || s.peers[1].closed {
			t.Error("want the old connection closed, and the new one not")
		}
		if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) != 1 || sends[0].on != 2 {
			t.Errorf("sends %+v", sends)
		}
		if joins := s.requestsOf(protocol.ActionJoin); len(joins) != 2 || joins[1].Epoch != "lobby-1" {
			t.Errorf("joins %+v", joins)
		}
		if u.rollovers != 1 || len(u.joinedEvents()) != 1 || len(u.states) != 2 || len(u.errors) > 0 {
			t.Errorf("%d rollovers, reported %+v, states %q, errors %v", u.rollovers, u.joinedEvents(), u.states, u.errors)
		}
	})
}

// The old connection's reply to the first join arrives after the new one's. By
// then it does not say where the room starts.
func TestLateReplyToTheFirstJoin(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var late func()
		s.script = func(p *peer, r request) bool {
			if p.number == 1 && r.Action == protocol.ActionJoin {
				late = func() { s.answer(p, r) }
				return true
			}
			return false
		}
		s.lose = func(_ *peer, m protocol.Message) bool { return true }
		u := connect(t, s)
		joined := make(chan roomcastclient.Joined, 1)
		go func() { joined <- u.join("lobby") }()
		synctest.Wait()
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.say("lobby", "1")
		s.locked(func() { late() })
		if at := (<-joined).Position; at != (roomcastclient.Position{}) {
			t.Errorf("joined at %+v", at)
		}
		sleep(time.Second)
		u.got("lobby", "1")
	})
}

func TestPendingMessagesAreSentAgainAfterARollover(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			return p.number == 1 && r.Action == protocol.ActionSendMessage
		}
		u := connect(t, s)
		u.join("lobby")
		acks := make(chan roomcastclient.Receipt, 1)
		go func() { acks <- u.send("lobby", "hello") }()
		synctest.Wait()
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if ack := <-acks; ack.Seq != 1 || time.Since(start) > 2*time.Second {
			t.Errorf("got %+v after %v", ack, time.Since(start))
		}
		u.got("lobby", "hello")
	})
}

func TestRolloversByAge(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		ages := map[time.Duration]bool{}
		for i := range 12 {
			s.say("lobby", fmt.Sprint(i))
			sleep(time.Hour)
		}
		synctest.Wait()
		for i, at := range s.dials[1:] {
			age := at.Sub(s.dials[i])
			ages[age] = true
			if age < 99*time.Minute || age > 110*time.Minute {
				t.Errorf("a connection was replaced after %v", age)
			}
		}
		if len(ages) < 6 || u.rollovers != len(ages) {
			t.Errorf("%d rollovers at %d different ages", u.rollovers, len(ages))
		}
		if n := len(u.texts("lobby")); n != 12 {
			t.Errorf("%d messages, want 12", n)
		}
	})
}

func TestRolloverRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.CallTimeout = time.Hour })
		if err := u.Rollover(t.Context()); roomcastclient.CodeOf(err) != roomcastclient.CodeNoConnection {
			t.Errorf("got %v before there was a connection", err)
		}
		u.join("lobby")
		s.locked(func() { s.refuse = true })
		done := make(chan error, 1)
		go func() { done <- u.Rollover(t.Context()) }()
		sleep(5 * time.Second)
		u.send("lobby", "on the old one")
		// The new one breaks before it is used.
		s.locked(func() {
			s.refuse = false
			s.script = func(p *peer, r request) bool {
				if p.number == 2 && r.Action == protocol.ActionJoin {
					p.cut()
					return true
				}
				return false
			}
		})
		if err := <-done; err != nil {
			t.Error(err)
		}
		u.send("lobby", "on the third")
		u.got("lobby", "on the old one", "on the third")
		if len(s.peers) != 3 {
			t.Errorf("%d connections, want 3", len(s.peers))
		}
	})
}

func TestConnectionLostDuringARollover(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			return p.number == 2 && r.Action == protocol.ActionJoin && len(s.peers[0].out) == 0 && !s.peers[0].closed
		}
		u := connect(t, s)
		u.join("lobby")
		done := make(chan error, 1)
		go func() { done <- u.Rollover(t.Context()) }()
		sleep(time.Second)
		s.locked(func() { s.peers[0].cut() })
		if err := <-done; roomcastclient.CodeOf(err) != roomcastclient.CodeNoConnection {
			t.Errorf("got %v, want no_connection", err)
		}
		s.say("lobby", "1")
		u.send("lobby", "2")
		u.got("lobby", "1", "2")
		if len(s.dials) != 2 || u.rollovers != 0 {
			t.Errorf("%d handshakes, %d rollovers: want the second connection used", len(s.dials), u.rollovers)
		}
	})
}

func TestLeaveAndJoinDuringARollover(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var held []func()
		s.script = func(p *peer, r request) bool {
			if p.number != 2 || r.Action != protocol.ActionJoin || r.RoomID != "slow" {
				return false
			}
			held = append(held, func() { s.answer(p, r) })
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		u.join("slow")
		done := make(chan error, 1)
		go func() { done <- u.Rollover(t.Context()) }()
		sleep(time.Second)
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Error(err)
		}
		u.join("new")
		s.locked(func() { held[0]() })
		if err := <-done; err != nil {
			t.Error(err)
		}
		sleep(5 * time.Second)
		s.say("lobby", "1")
		s.say("slow", "2")
		s.say("new", "3")
		u.got("lobby")
		u.got("slow", "2")
		u.got("new", "3")
		if n := len(s.room("lobby").members); n != 0 {
			t.Errorf("%d members of a room that was left", n)
		}
	})
}

// The request is sent once, so its outcome would be unknown without the reply.
func TestRolloverWaitsForARequest(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		s.route("slow", func(p *peer, r request) {
			time.AfterFunc(20*time.Second, func() { p.postRaw(fmt.Sprintf(`{"type":"done","clientId":%q}`, r.ClientID)) })
		})
		answered := make(chan error, 1)
		go func() {
			_, err := u.Request(t.Context(), "slow", nil)
			answered <- err
		}()
		sleep(time.Second)
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-answered; err != nil {
			t.Errorf("got %v", err)
		}
		sleep(3 * time.Second)
		if n := s.open(); n != 1 {
			t.Errorf("%d connections are open, want 1", n)
		}
	})
}
