package roomcastclient_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// A message that is refused for its rate is sent again when the server said, with
// its key and in its place.
func TestRateLimitedMessagesAreSentLater(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		refusals := 0
		s.script = func(p *peer, r request) bool {
			if r.Action != protocol.ActionSendMessage && r.Action != protocol.ActionNotify || refusals%3 == 2 {
				refusals++
				return false
			}
			refusals++
			p.refuse(r, protocol.CodeRateLimited, 2*time.Second)
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		start := time.Now()
		var want []string
		done := make(chan error, 5)
		for i := range cap(done) {
			want = append(want, fmt.Sprint(i))
			go func() { _, err := u.Room("lobby").Send(t.Context(), want[i]); done <- err }()
			synctest.Wait()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		u.got("lobby", want...)
		sends := s.requestsOf(protocol.ActionSendMessage)
		for i, r := range sends[1:] {
			if again := sends[i].ClientID == r.ClientID; again && r.at.Sub(sends[i].at) < 2*time.Second {
				t.Errorf("sent again after %v, want 2 s at least", r.at.Sub(sends[i].at))
			}
		}
		if took := time.Since(start); len(sends) <= len(want) || took > time.Minute {
			t.Errorf("%d sends in %v", len(sends), took)
		}
		if _, err := u.Notify(t.Context(), []string{"bob"}, "hi"); err != nil {
			t.Error(err)
		}
	})
}

// A message of which every copy was refused is in no log, and its error says why.
// One copy that may have been processed makes the outcome unknown.
func TestOutcomeOfAMessageThatWasRefused(t *testing.T) {
	for name, c := range map[string]struct {
		codes []protocol.Code // of the answers, the last again and again; "" for no answer
		want  string
	}{
		"for the rate":          {[]protocol.Code{protocol.CodeRateLimited}, "rate_limited"},
		"for want of the room":  {[]protocol.Code{protocol.CodeNotInRoom}, "not_in_room"},
		"after no answer":       {[]protocol.Code{"", protocol.CodeRateLimited}, "outcome_unknown"},
		"after one in doubt":    {[]protocol.Code{protocol.CodeUnavailable, protocol.CodeRateLimited}, "outcome_unknown"},
		"before one in doubt":   {[]protocol.Code{protocol.CodeRateLimited, protocol.CodeUnavailable}, "outcome_unknown"},
		"before no more answer": {[]protocol.Code{protocol.CodeRateLimited, ""}, "outcome_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				codes := c.codes
				s.script = func(p *peer, r request) bool {
					if r.Message != "hi" {
						return false
					}
					code := codes[0]
					if len(codes) > 1 {
						codes = codes[1:]
					}
					if code != "" {
						p.refuse(r, code, 0)
					}
					return true
				}
				u := connect(t, s)
				u.join("lobby")
				start := time.Now()
				_, err := u.Room("lobby").Send(t.Context(), "hi", roomcastclient.WithIdempotencyKey("mine"))
				var reported *roomcastclient.Error
				if took := time.Since(start); !errors.As(err, &reported) || string(reported.Code) != c.want || took != 4*time.Minute+30*time.Second {
					t.Errorf("got %v after %v, want %s", err, took, c.want)
				}
				u.send("lobby", "next")
				u.got("lobby", "next")
			})
		})
	}
}

// A forbidden message ends at once. An earlier copy that may have been processed
// while it was permitted makes the outcome unknown.
func TestOutcomeOfAForbiddenMessage(t *testing.T) {
	for name, c := range map[string]struct {
		before []protocol.Code // the answers before that; "" for no answer
		want   string
	}{
		"at once":             {nil, "forbidden"},
		"after other refusal": {[]protocol.Code{protocol.CodeRateLimited}, "forbidden"},
		"after no answer":     {[]protocol.Code{""}, "outcome_unknown"},
		"after one in doubt":  {[]protocol.Code{protocol.CodeUnavailable}, "outcome_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				codes := append(c.before, protocol.CodeForbidden)
				s.script = func(p *peer, r request) bool {
					if r.Action != protocol.ActionSendMessage && r.Action != protocol.ActionNotify {
						return false
					}
					if codes[0] != "" {
						p.refuse(r, codes[0], 0)
					}
					codes = codes[1:]
					return true
				}
				u := connect(t, s)
				u.join("lobby")
				_, err := u.Room("lobby").Send(t.Context(), "hi")
				var reported *roomcastclient.Error
				if !errors.As(err, &reported) || string(reported.Code) != c.want {
					t.Errorf("a message: got %v, want %s", err, c.want)
				}
				codes = append(c.before, protocol.CodeForbidden)
				_, err = u.Notify(t.Context(), []string{"bob"}, "hi")
				if !errors.As(err, &reported) || string(reported.Code) != c.want {
					t.Errorf("a notification: got %v, want %s", err, c.want)
				}
			})
		})
	}
}

// It is dropped silently, because the next position is newer.
func TestRateLimitedCursorIsDropped(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if r.Action != protocol.ActionCursorMove {
				return false
			}
			p.refuse(r, protocol.CodeRateLimited, time.Second)
			return true
		}
		u := connect(t, s)
		u.join("lobby")
		for i := range 3 {
			if err := u.Room("lobby").MoveCursor(roomcastclient.PlanePosition(float64(i), 0), ""); err != nil {
				t.Fatal(err)
			}
			sleep(time.Second)
		}
		if moves := s.requestsOf(protocol.ActionCursorMove); len(moves) != 3 || len(u.failures()) > 0 {
			t.Errorf("%d moves, reported %q", len(moves), u.failures())
		}
	})
}

func TestForbiddenRoomIsNotRetried(t *testing.T) {
	for _, code := range []protocol.Code{protocol.CodeForbidden, protocol.CodeLimitReached} {
		t.Run(string(code), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				s.script = func(p *peer, r request) bool {
					if r.Action != protocol.ActionJoin || r.RoomID != "attic" {
						return false
					}
					p.refuse(r, code, 0)
					return true
				}
				u := connect(t, s)
				var refused *roomcastclient.Error
				if _, err := u.Room("attic").Join(t.Context()); !errors.As(err, &refused) || refused.Code != roomcastclient.Code(code) {
					t.Errorf("got %v, want %s", err, code)
				}
				u.join("lobby")
				s.locked(s.cutAll)
				pass()
				if joins := s.requestsOf(protocol.ActionJoin); len(joins) != 3 || len(u.left) > 0 {
					t.Errorf("joined %+v, left %q", joins, u.left)
				}
			})
		})
	}
}

func TestRoomThatCannotBeRejoinedIsReportedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if r.Action == protocol.ActionJoin {
					p.refuse(r, protocol.CodeForbidden, 0)
				}
				return r.Action == protocol.ActionJoin
			}
			s.cutAll()
		})
		pass()
		s.locked(s.cutAll)
		pass()
		if joins := s.requestsOf(protocol.ActionJoin); len(joins) != 2 || len(u.left) != 1 {
			t.Errorf("joined %+v, left %q: want one more try, reported once", joins, u.left)
		}
		if _, err := u.Room("lobby").Send(t.Context(), "hi"); err == nil {
			t.Error("sent to a room that was given up")
		}
	})
}
