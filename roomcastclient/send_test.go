package roomcastclient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestMessagesAreSentInOrderOneAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		inFlight, most := 0, 0
		s.script = func(p *peer, r request) bool {
			if r.Action != protocol.ActionSendMessage {
				return false
			}
			inFlight++
			most = max(most, inFlight)
			go func() { // answers late
				time.Sleep(20 * time.Millisecond)
				s.locked(func() {
					inFlight--
					s.answer(p, r)
				})
			}()
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		var want []string
		for i := range 30 {
			text := fmt.Sprint(i)
			want = append(want, text)
			go func() {
				if _, err := u.Room("lobby").Send(t.Context(), text); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait() // the call has its place
		}
		sleep(time.Second)
		u.got("lobby", want...)
		if most != 1 {
			t.Errorf("%d sends were under way at once, want 1", most)
		}
	})
}

func TestInterruptedMessageIsSentAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		cuts := 0
		s.script = func(p *peer, r request) bool {
			if r.Action != protocol.ActionSendMessage || cuts == 3 {
				return false
			}
			if cuts++; cuts != 2 { // carried out, and then not
				p.mute = true
				s.take(p, r)
			}
			p.cut()
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		first := u.send("lobby", "one")
		second := u.send("lobby", "two")
		u.got("lobby", "one", "two")
		if first.Seq != 1 || second.Seq != 2 {
			t.Errorf("acks %+v, %+v", first, second)
		}
		sends := s.requestsOf(protocol.ActionSendMessage)
		if len(sends) != 5 {
			t.Fatalf("%d sends, want 5", len(sends))
		}
		for _, r := range sends[:4] {
			if r.ClientID != first.IdempotencyKey {
				t.Errorf("sent again as %q, was %q", r.ClientID, first.IdempotencyKey)
			}
		}
	})
}

func TestUnavailableMessageIsSentAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(p *peer, r request)
		least  time.Duration
	}{
		{"unavailable", func(p *peer, r request) { p.refuse(r, protocol.CodeUnavailable, 3*time.Second) }, 3 * time.Second},
		{"internal server error", func(p *peer, _ request) { p.postRaw(broken) }, 0},
		{"no answer", func(*peer, request) {}, 10 * time.Second},
		{"not in the room", func(p *peer, r request) {
			delete(p.server.room(r.RoomID).members, p)
			p.server.answer(p, r)
		}, 0},
		{"not connected", func(p *peer, r request) { p.refuse(r, protocol.CodeNotConnected, 0) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				failed := 0
				s.script = func(p *peer, r request) bool {
					if r.Action != protocol.ActionSendMessage || failed == 2 {
						return false
					}
					failed++
					c.answer(p, r)
					return true
				}
				u := connect(t, s)
				u.join("lobby")
				start := time.Now()
				ack := u.send("lobby", "hello")
				if took := time.Since(start); took < 2*c.least || took > 2*c.least+5*time.Second {
					t.Errorf("it took %v", took)
				}
				u.got("lobby", "hello")
				sends := s.requestsOf(protocol.ActionSendMessage)
				if len(sends) != 3 || sends[0].ClientID != ack.IdempotencyKey || sends[2].ClientID != ack.IdempotencyKey {
					t.Errorf("sends %+v, want three of %q", sends, ack.IdempotencyKey)
				}
			})
		})
	}
}

// API Gateway does not say which request failed: the others get time for their
// replies.
func TestOnlyFailedRequestIsSentAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionPresence {
				go func() {
					time.Sleep(400 * time.Millisecond)
					s.locked(func() { s.answer(p, r) })
				}()
				return true
			}
			if r.Action == protocol.ActionSendMessage && len(s.room("lobby").acks) == 0 {
				s.take(&peer{server: s, closed: true}, r)
				s.script = nil
				p.postRaw(broken)
				return true
			}
			return false
		}
		u := connect(t, s)
		u.join("lobby")
		done := make(chan error, 1)
		go func() { _, err := u.Room("lobby").Presence(t.Context()); done <- err }()
		synctest.Wait()
		u.send("lobby", "hello")
		if err := <-done; err != nil {
			t.Error(err)
		}
		u.got("lobby", "hello")
		if n, sends := len(s.requestsOf(protocol.ActionPresence)), len(s.requestsOf(protocol.ActionSendMessage)); n != 1 || sends != 2 {
			t.Errorf("%d presences and %d sends, want 1 and 2", n, sends)
		}
	})
}

func TestRefusedMessageDoesNotBlockTheNext(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Message != "bad" {
				return false
			}
			p.refuse(r, protocol.CodeBadField, 0)
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		var refused *roomcastclient.Error
		if _, err := u.Room("lobby").Send(t.Context(), "bad"); !errors.As(err, &refused) || refused.Code != "bad_field" {
			t.Errorf("got %v, want bad_field", err)
		}
		u.send("lobby", "good")
		u.got("lobby", "good")
	})
}

func TestOutcomeBecomesUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(_ *peer, r request) bool { return r.Message == "lost" }
		u := connect(t, s)
		u.join("lobby")
		start := time.Now()
		_, err := u.Room("lobby").Send(t.Context(), "lost")
		if took := time.Since(start); roomcastclient.CodeOf(err) != roomcastclient.CodeOutcomeUnknown || took != 4*time.Minute+30*time.Second {
			t.Errorf("got %v after %v", err, took)
		}
		sends := s.requestsOf(protocol.ActionSendMessage)
		if age := sends[len(sends)-1].at.Sub(start); age < 4*time.Minute || age > 4*time.Minute+20*time.Second {
			t.Errorf("the last copy went out after %v, want so that it has its time to be answered", age)
		}
		u.send("lobby", "next")
		u.got("lobby", "next")
	})
}

func TestMessageWaitsForTheFirstConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.refuse = true
		u := connect(t, s)
		go func() { _, _ = u.Room("lobby").Join(t.Context()) }()
		synctest.Wait()
		go func() {
			time.Sleep(time.Hour)
			s.locked(func() { s.refuse = false })
		}()
		u.send("lobby", "late")
		u.got("lobby", "late")
	})
}

func TestQueueIsBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.MaxQueued = 2 })
		u.join("lobby")
		s.locked(func() { s.peers[0].deaf = true })
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := u.Room("lobby").Send(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's end", err)
			}
			cancel()
		}
		if _, err := u.Room("lobby").Send(t.Context(), "x"); roomcastclient.CodeOf(err) != roomcastclient.CodeQueueFull {
			t.Errorf("got %v, want queue_full", err)
		}
		s.locked(func() { s.cutAll() })
		pass()
		u.got("lobby", "x", "x") // a context's end does not take it back
		u.send("lobby", "y")
	})
}

func TestIdempotencyKey(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		u.join("b")
		// The same key in two rooms at the same time, and again in the first.
		for _, roomID := range []string{"a", "b", "a"} {
			go func() {
				if _, err := u.Room(roomID).Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine")); err != nil {
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		u.got("a", "hi")
		u.got("b", "hi")
		ack, err := u.Room("a").Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine"))
		if err != nil || ack.IdempotencyKey != "mine" || ack.Seq != 1 {
			t.Errorf("got %+v, %v", ack, err)
		}
	})
}

func TestSendChecksItsArguments(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		for _, c := range []struct{ name, room, text, id, want string }{
			{"no text", "lobby", "", "x", "bad_field: message"},
			{"long text", "lobby", strings.Repeat("x", 16<<10+1), "x", "message_too_large: message"},
			{"no key", "lobby", "hi", "", "bad_field: idempotencyKey"},
			{"long key", "lobby", "hi", strings.Repeat("x", 65), "bad_field: idempotencyKey: must be 1 to 64"},
			{"control character", "lobby", "hi", "a\n", "bad_field: idempotencyKey"},
			{"another room", "other", "hi", "x", "not_in_room"},
		} {
			_, err := u.Room(c.room).Send(t.Context(), c.text, roomcastclient.WithIdempotencyKey(c.id))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %s", c.name, err, c.want)
			}
		}
		if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) > 0 {
			t.Errorf("sent %+v", sends)
		}
	})
}
