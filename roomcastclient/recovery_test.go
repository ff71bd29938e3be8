package roomcastclient_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestMessagesBeforeTheJoinedFrame(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionJoin {
				s.room("lobby").members[p] = true
				joined := protocol.Joined{ClientID: r.ClientID, RoomID: "lobby", Page: protocol.Page{Seq: 1, Epoch: "lobby-1"}}
				s.appendMessage("lobby", "old")
				s.appendMessage("lobby", "early")
				p.post(joined)
				return true
			}
			return false
		}
		u := connect(t, s)
		joined := u.join("lobby")
		if want := (roomcastclient.Position{Seq: 1, Epoch: "lobby-1"}); joined.Position != want || joined.Recovered {
			t.Errorf("joined %+v", joined)
		}
		u.got("lobby", "early")
	})
}

func TestJoinFromAPosition(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.page = 3
		s.say("lobby", "1", "2")
		s.locked(func() { s.tombstone("lobby") })
		for i := 4; i <= 20; i++ {
			s.say("lobby", fmt.Sprint(i))
		}
		u := connect(t, s)
		since := roomcastclient.Position{Seq: 1, Epoch: "lobby-1"}
		joined := u.join("lobby", roomcastclient.WithSince(since))
		if joined.Position != since || !joined.Recovered {
			t.Errorf("joined %+v", joined)
		}
		want := []string{"2"}
		for i := 4; i <= 20; i++ {
			want = append(want, fmt.Sprint(i))
		}
		u.got("lobby", want...)
		// 18 messages in pages of three: a join and then histories.
		if n := len(s.requestsOf(protocol.ActionHistory)); n != 5 {
			t.Errorf("%d histories, want 5", n)
		}
		if at, ok := u.Room("lobby").Position(); !ok || at != (roomcastclient.Position{Seq: 20, Epoch: "lobby-1"}) {
			t.Errorf("at %+v, %v", at, ok)
		}
		if reported := u.joinedEvents(); len(reported) != 1 || reported[0] != joined {
			t.Errorf("reported %+v", reported)
		}
	})
}

func TestGapIsRequested(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		s.lose = func(_ *peer, m protocol.Message) bool { return m.Message == "lost" }
		s.say("lobby", "1", "lost", "3")
		sleep(290 * time.Millisecond)
		u.got("lobby", "1")
		sleep(20 * time.Millisecond)
		u.got("lobby", "1", "lost", "3")
		joins := s.requestsOf(protocol.ActionJoin)
		if len(joins) != 2 || joins[1].Since != 1.0 || joins[1].Epoch != "lobby-1" {
			t.Errorf("joins %+v", joins)
		}
		if reported := u.joinedEvents(); len(reported) != 1 {
			t.Errorf("reported %+v: a gap that was closed is no news", reported)
		}
	})
}

func TestGapThatClosesIsNotRequested(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		var late protocol.Message
		s.lose = func(_ *peer, m protocol.Message) bool {
			if m.Message == "late" {
				late = m
			}
			return m.Message == "late"
		}
		s.say("lobby", "late", "next")
		sleep(200 * time.Millisecond)
		s.locked(func() { s.peers[0].post(late) })
		sleep(time.Minute)
		u.got("lobby", "late", "next")
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 1 {
			t.Errorf("%d joins, want 1", n)
		}
	})
}

func TestGapIsRequestedUntilItIsAnswered(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		tries := 0
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if r.Action != protocol.ActionJoin || tries == 4 {
					return false
				}
				switch tries++; tries {
				case 1:
					p.refuse(r, protocol.CodeUnavailable, time.Second)
				case 2:
					p.postRaw(broken)
				case 3: // no answer
				case 4: // the gap is not resolved yet
					p.post(protocol.Joined{ClientID: r.ClientID, RoomID: r.RoomID, Page: protocol.Page{Epoch: "lobby-1", Recovered: true, More: true}})
				}
				return true
			}
			s.lose = func(_ *peer, m protocol.Message) bool { return m.Seq == 1 }
		})
		s.say("lobby", "1", "2")
		pass()
		u.got("lobby", "1", "2")
		if n := len(s.requestsOf(protocol.ActionJoin)); n != 6 {
			t.Errorf("%d joins, want 6", n)
		}
	})
}

func TestOpenGapIsRequestedLessOften(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.lose = func(_ *peer, m protocol.Message) bool { return m.Seq == 1 }
			s.script = func(p *peer, r request) bool {
				if r.Action == protocol.ActionJoin {
					p.post(protocol.Joined{ClientID: r.ClientID, RoomID: r.RoomID, Page: protocol.Page{Epoch: "lobby-1", Recovered: true, More: true}})
				}
				return r.Action == protocol.ActionJoin
			}
		})
		s.say("lobby", "1", "2")
		sleep(10 * time.Minute)
		if n := len(s.requestsOf(protocol.ActionJoin)); n < 30 || n > 130 {
			t.Errorf("asked %d times in 10 minutes, want about 60", n)
		}
		s.locked(func() { s.script = nil })
		pass()
		u.got("lobby", "1", "2")
	})
}

func TestPositionThatIsTooOld(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.say("lobby", "1", "2", "3", "4", "5")
		s.locked(func() { s.room("lobby").oldest = 4 })
		u := connect(t, s)
		joined := u.join("lobby", roomcastclient.WithSince(roomcastclient.Position{Seq: 1, Epoch: "lobby-1"}))
		want := roomcastclient.Joined{RoomID: "lobby", Position: roomcastclient.Position{Seq: 3, Epoch: "lobby-1"}}
		if joined != want {
			t.Errorf("joined %+v, want %+v", joined, want)
		}
		s.say("lobby", "6")
		u.got("lobby", "4", "5", "6")
	})
}

func TestUnknownPosition(t *testing.T) {
	for name, since := range map[string]roomcastclient.Position{
		"another epoch": {Seq: 1, Epoch: "other"},
		"the future":    {Seq: 9, Epoch: "lobby-1"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				s.say("lobby", "1", "2")
				u := connect(t, s)
				joined := u.join("lobby", roomcastclient.WithSince(since))
				want := roomcastclient.Joined{RoomID: "lobby", Position: roomcastclient.Position{Seq: 2, Epoch: "lobby-1"}}
				if joined != want {
					t.Errorf("joined %+v, want %+v", joined, want)
				}
				if reported := u.joinedEvents(); !slices.Equal(reported, []roomcastclient.Joined{want}) {
					t.Errorf("reported %+v", reported)
				}
				s.say("lobby", "3")
				u.got("lobby", "3")
			})
		})
	}
}

func TestLogThatStartedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.say("lobby", "1", "2")
		s.locked(func() {
			s.cutAll()
			s.rooms = map[string]*roomLog{}
			s.room("lobby").epoch = "new"
			s.appendMessage("lobby", "other 1")
		})
		pass()
		s.say("lobby", "other 2")
		u.got("lobby", "1", "2", "other 2")
		reported := u.joinedEvents()
		want := roomcastclient.Joined{RoomID: "lobby", Position: roomcastclient.Position{Seq: 1, Epoch: "new"}}
		if len(reported) != 2 || reported[1] != want {
			t.Errorf("reported %+v, want %+v last", reported, want)
		}
	})
}

func TestFirstMessageGivesTheEpoch(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		if joined := u.join("lobby"); joined.Position != (roomcastclient.Position{}) {
			t.Errorf("joined %+v", joined)
		}
		s.say("lobby", "1")
		synctest.Wait()
		s.locked(func() { s.cutAll() })
		s.say("lobby", "2")
		pass()
		u.got("lobby", "1", "2")
		joins := s.requestsOf(protocol.ActionJoin)
		if len(joins) != 2 || joins[1].Since != 1.0 || joins[1].Epoch != "lobby-1" {
			t.Errorf("joins %+v", joins)
		}
	})
}

func TestHistory(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.say("lobby", "1", "2", "3", "4", "5")
		u := connect(t, s)
		if _, err := u.Room("lobby").History(t.Context(), roomcastclient.WithLimit(2)); err == nil {
			t.Error("a room that is not joined has a history")
		}
		u.join("lobby")
		var texts []string
		page := roomcastclient.Page{More: true}
		for page.More {
			var err error
			if page, err = u.Room("lobby").History(t.Context(), roomcastclient.WithBefore(page.Before), roomcastclient.WithLimit(2)); err != nil {
				t.Fatal(err)
			}
			for _, m := range slices.Backward(page.Messages) {
				texts = append(texts, m.Text)
			}
		}
		if want := []string{"5", "4", "3", "2", "1"}; !slices.Equal(texts, want) {
			t.Errorf("got %q, want %q", texts, want)
		}
		if page.RoomID != "lobby" || page.Epoch != "lobby-1" || page.Before != 1 {
			t.Errorf("last page %+v", page)
		}
		presence, err := u.Room("lobby").Presence(t.Context())
		if err != nil || presence.Count != 1 || !slices.Equal(presence.Users, []string{"ada"}) {
			t.Errorf("presence %+v, %v", presence, err)
		}
	})
}
