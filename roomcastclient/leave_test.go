package roomcastclient_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestLeave(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var joining request
		s.script = func(_ *peer, r request) bool {
			if r.Action == protocol.ActionJoin && r.RoomID == "slow" {
				joining = r
				return true
			}
			return false
		}
		u := connect(t, s)
		u.join("lobby")
		s.say("lobby", "1")
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.say("lobby", "2")
		u.got("lobby", "1")
		if _, err := u.Room("lobby").Send(t.Context(), "x"); err == nil {
			t.Error("sent to a room that was left")
		}
		if joined := u.join("lobby"); joined.Position.Seq != 2 {
			t.Errorf("joined %+v", joined)
		}

		// A leave waits for the reply to the join.
		go func() { _, _ = u.Room("slow").Join(t.Context()) }()
		synctest.Wait()
		done := make(chan error)
		go func() { done <- u.Room("slow").Leave(t.Context()) }()
		sleep(time.Second)
		if n := len(s.requestsOf(protocol.ActionLeave)); n != 1 {
			t.Errorf("%d leaves, want 1: the other waits", n)
		}
		s.locked(func() { s.answer(s.peers[0], joining) })
		if err := <-done; err != nil {
			t.Error(err)
		}
		if s.room("slow").members[s.peers[0]] {
			t.Error("still in the room")
		}
		if err := u.Room("nowhere").Leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestLeaveWaitsForAReplay(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		var answer func()
		s.locked(func() {
			s.lose = func(_ *peer, m protocol.Message) bool { return m.Seq == 1 }
			s.script = func(p *peer, r request) bool {
				answer = func() { s.answer(p, r) }
				return r.Action == protocol.ActionJoin
			}
		})
		s.say("lobby", "1", "2")
		sleep(time.Second)
		done := make(chan error, 1)
		go func() { done <- u.Room("lobby").Leave(t.Context()) }()
		if leaves := s.requestsOf(protocol.ActionLeave); len(leaves) > 0 {
			t.Errorf("left %+v while a join was under way", leaves)
		}
		s.locked(func() { answer() })
		if err := <-done; err != nil {
			t.Error(err)
		}
		if leaves := s.requestsOf(protocol.ActionLeave); len(leaves) != 1 {
			t.Errorf("left %+v", leaves)
		}
	})
}

func TestNothingIsDeliveredAfterALeave(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := newUser(t)
		busy := make(chan struct{})
		calls := 0
		u.start(s, func(o *roomcastclient.Options) {
			o.OnMessage = func(roomcastclient.Message) {
				calls++
				<-busy
			}
		})
		u.join("lobby")
		s.say("lobby", "1", "2", "3")
		if at, ok := u.Room("lobby").Position(); !ok || at.Seq != 1 {
			t.Errorf("at %+v while the first message is given", at)
		}
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(busy)
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d messages, want the one that was under way", calls)
		}
	})
}

func TestJoinTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.say("lobby", "1")
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionJoin {
				go func() {
					time.Sleep(time.Second)
					s.locked(func() { s.answer(p, r) })
				}()
				return true
			}
			return false
		}
		u := connect(t, s)
		synctest.Wait() // so that the second Join finds the first under way
		joined := make(chan roomcastclient.Joined, 2)
		for range 2 {
			go func() { joined <- u.join("lobby") }()
		}
		first, second := <-joined, <-joined
		s.say("lobby", "2")
		if third := u.join("lobby", roomcastclient.WithSince(roomcastclient.Position{})); first != second || first != third {
			t.Errorf("joined %+v, %+v, %+v", first, second, third)
		}
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 1 {
			t.Errorf("%d joins, want 1", n)
		}
	})
}

func TestLeaveSendsPendingMessagesFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() { s.peers[0].deaf = true })
		for _, text := range []string{"1", "2"} {
			go func() {
				if _, err := u.Room("lobby").Send(t.Context(), text); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		go func() {
			time.Sleep(time.Second)
			s.locked(func() { s.cutAll() })
		}()
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Error(err)
		}
		if log := s.room("lobby").entries; len(log) != 2 || log[0].Message != "1" || log[1].Message != "2" {
			t.Errorf("the log holds %v", log)
		}
		u.got("lobby") // no event follows the call of Leave
		leaves := s.requestsOf(protocol.ActionLeave)
		if len(leaves) != 1 || len(s.room("lobby").members) != 0 {
			t.Errorf("leaves %+v, members %v", leaves, s.room("lobby").members)
		}
	})
}

// A late copy of a join is processed after the leave: the client leaves the room
// again.
func TestStrayMembershipIsLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.locked(func() { s.room("lobby").members[s.peers[0]] = true })
		s.say("lobby", "soon after the leave")
		if n := len(s.requestsOf(protocol.ActionLeave)); n != 1 {
			t.Errorf("%d leaves: a message may be on its way", n)
		}
		sleep(time.Minute)
		s.say("lobby", "stray", "stray")
		if s.room("lobby").members[s.peers[0]] || len(s.requestsOf(protocol.ActionLeave)) != 2 {
			t.Error("still in the room")
		}
		u.got("lobby")
	})
}
