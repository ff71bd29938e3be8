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

// The application gave two messages in two rooms the same key.
func TestLateReplyToACopyIsIgnored(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		u.join("b")
		first, err := u.Room("a").Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine"))
		if err != nil {
			t.Fatal(err)
		}
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if r.Action != protocol.ActionSendMessage {
					return false
				}
				s.script = nil
				p.post(s.room("a").acks["mine"])
				p.post(protocol.NotifyAck{ClientID: "mine", ID: "n1"})
				p.post(protocol.History{ClientID: "mine", RoomID: "b"})
				go func() {
					time.Sleep(time.Second)
					s.locked(func() { s.answer(p, r) })
				}()
				return true
			}
		})
		second, err := u.Room("b").Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine"))
		if err != nil || second.RoomID != "b" || second.ID == first.ID || second.ID != "b-1" {
			t.Errorf("got %+v, %v", second, err)
		}
	})
}

func TestKeyBelongsToOneText(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		u.join("b")
		give := func(roomID, text, id, want string) {
			t.Helper()
			_, err := u.Room(roomID).Send(t.Context(), text, roomcastclient.WithIdempotencyKey(id))
			if err == nil && want != "" || err != nil && err.Error() != want {
				t.Errorf("%s as %s in %s: got %v, want %q", text, id, roomID, err, want)
			}
		}
		const refused = `bad_field: idempotencyKey: "mine" belongs to another message of the last 5m0s; use a new key`
		give("a", "one", "mine", "")
		give("a", "two", "mine", refused)
		give("a", "one", "mine", "")
		give("a", "two", "other", "")
		give("b", "two", "mine", "")
		sleep(5*time.Minute - time.Second)
		give("a", "two", "mine", refused)
		if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) != 4 {
			t.Errorf("sent %d times, want 4", len(sends))
		}
		sleep(time.Second)
		s.locked(func() { clear(s.room("a").acks) }) // forgotten, as the server does
		give("a", "two", "mine", "")

		// The key of a refused text can be used again.
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				s.script = nil
				p.refuse(r, protocol.CodeBadField, 0)
				return true
			}
		})
		give("b", "bad", "free", "bad_field: as the test wants it")
		give("b", "good", "free", "")
	})
}

// A key counts before its message is sent.
func TestKeyCountsFromTheCall(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		s.locked(func() { s.peers[0].deaf = true })
		go func() { _, _ = u.Room("a").Send(t.Context(), "one", roomcastclient.WithIdempotencyKey("mine")) }()
		synctest.Wait()
		_, err := u.Room("a").Send(t.Context(), "two", roomcastclient.WithIdempotencyKey("mine"))
		if err == nil || !strings.HasPrefix(err.Error(), "bad_field: idempotencyKey:") {
			t.Errorf("got %v, want bad_field", err)
		}
	})
}

// The oldest of very many keys are forgotten and left to the server.
func TestRememberedKeysAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		give := func(text, id string) error {
			_, err := u.Room("a").Send(t.Context(), text, roomcastclient.WithIdempotencyKey(id))
			return err
		}
		for i := range 1001 {
			if err := give("one", fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := give("two", "1"); err == nil {
			t.Error("the second name was forgotten")
		}
		if err := give("two", "0"); err != nil {
			t.Errorf("got %v, want the first name forgotten", err)
		}
	})
}

// A copy by the application is the same notification, and a message with the same
// key waits for its reply.
func TestNotificationKey(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("a")
		notify := func(body string) error {
			_, err := u.Notify(t.Context(), []string{"bob"}, body, roomcastclient.WithIdempotencyKey("mine"))
			return err
		}
		for range 2 {
			if err := notify("one"); err != nil {
				t.Error(err)
			}
		}
		const refused = `bad_field: idempotencyKey: "mine" belongs to another message of the last 5m0s; use a new key`
		if err := notify("two"); err == nil || err.Error() != refused {
			t.Errorf("got %v, want %s", err, refused)
		}
		for _, r := range s.requestsOf(protocol.ActionNotify) {
			if r.ClientID != "mine" {
				t.Errorf("sent %+v", r)
			}
		}
		s.locked(func() {
			s.script = func(_ *peer, r request) bool { return r.Action == protocol.ActionNotify }
		})
		done := make(chan error, 2)
		go func() { done <- notify("one") }()
		synctest.Wait()
		if err := notify("one"); err == nil || !strings.Contains(err.Error(), "is pending") {
			t.Errorf("got %v", err)
		}
		go func() {
			_, err := u.Room("a").Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine"))
			done <- err
		}()
		synctest.Wait()
		if n := len(s.requestsOf(protocol.ActionSendMessage)); n > 0 {
			t.Errorf("%d messages were sent", n)
		}
		s.locked(func() { s.script = nil })
		sleep(11 * time.Second)
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		u.got("a", "hi")
	})
}
