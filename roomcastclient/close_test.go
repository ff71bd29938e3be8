package roomcastclient_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// In every state, closing the client fails pending calls with CodeClosed and
// leaves no goroutine behind.
func TestCloseInAnyState(t *testing.T) {
	for name, prepare := range map[string]func(s *server, u *user){
		"connecting":   func(*server, *user) {},
		"open":         func(*server, *user) { synctest.Wait() },
		"reconnecting": func(s *server, u *user) { u.join("lobby"); s.refuse = true; s.cutAll(); sleep(time.Minute) },
		"joining":      func(s *server, _ *user) { synctest.Wait(); s.locked(func() { s.peers[0].deaf = true }) },
		"sending": func(s *server, u *user) {
			u.join("lobby")
			s.locked(func() { s.peers[0].deaf = true })
		},
		"between tries": func(s *server, u *user) {
			u.join("lobby")
			s.locked(func() {
				s.script = func(p *peer, r request) bool {
					p.refuse(r, protocol.CodeUnavailable, time.Minute)
					return true
				}
			})
		},
		"rolling over": func(s *server, u *user) {
			u.join("lobby")
			s.locked(func() { s.script = func(p *peer, r request) bool { return p.number == 2 } })
			go func() { _ = u.Rollover(context.Background()) }()
			sleep(time.Second)
		},
		"after a rollover": func(_ *server, u *user) {
			u.join("lobby")
			if err := u.Rollover(context.Background()); err != nil {
				u.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				prepare(s, u)
				ctx := context.Background()
				waiting := make(chan error, 10)
				go func() { _, err := u.Room("lobby").Join(ctx); waiting <- err }()
				go func() { _, err := u.Room("other").Join(ctx); waiting <- err }()
				synctest.Wait()
				for range 3 {
					go func() { _, err := u.Room("lobby").Send(ctx, "hi"); waiting <- err }()
				}
				go func() { _, err := u.Room("lobby").Presence(ctx); waiting <- err }()
				go func() { _, err := u.Notify(ctx, []string{"bob"}, 1); waiting <- err }()
				go func() { waiting <- u.Acknowledge(ctx, "id") }()
				go func() { waiting <- u.Room("other").Leave(ctx) }()
				if name != "open" && name != "connecting" && name != "after a rollover" {
					synctest.Wait() // elsewhere it is closed in the middle of all that
				}
				start := time.Now()
				if err := u.Close(); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > 2*time.Second {
					t.Errorf("to close took %v", took)
				}
				for range 9 {
					var own *roomcastclient.Error
					if err := <-waiting; err != nil && !errors.As(err, &own) {
						t.Errorf("got %v, want one of the client's errors", err)
					}
				}
				synctest.Wait()
				if last := u.states[len(u.states)-1]; last != roomcastclient.StateClosed {
					t.Errorf("the last state is %s", last)
				}
				if err := u.Close(); err != nil {
					t.Error(err)
				}
				if _, err := u.Room("lobby").Send(ctx, "hi"); roomcastclient.CodeOf(err) != roomcastclient.CodeClosed {
					t.Errorf("sent after Close: %v", err)
				}
				if _, err := u.Room("lobby").Join(ctx); roomcastclient.CodeOf(err) != roomcastclient.CodeClosed {
					t.Errorf("joined after Close: %v", err)
				}
				reported := len(u.messages["lobby"])
				s.say("lobby", "late")
				if len(u.messages["lobby"]) != reported {
					t.Error("a message was delivered after Close")
				}
			})
		})
	}
}

func TestCloseFailsPendingCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(_ *peer, r request) bool { return r.Action != protocol.ActionJoin }
		u := connect(t, s)
		u.join("lobby")
		waiting := make(chan error, 2)
		go func() { _, err := u.Room("lobby").Send(t.Context(), "hi"); waiting <- err }()
		synctest.Wait()
		go func() { waiting <- u.Room("lobby").Leave(t.Context()) }()
		synctest.Wait()
		_ = u.Close()
		for range 2 {
			if err := <-waiting; roomcastclient.CodeOf(err) != roomcastclient.CodeClosed {
				t.Errorf("got %v, want closed", err)
			}
		}
	})
}

func TestCloseFromACallback(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := newUser(t)
		calls := 0
		u.start(s, func(o *roomcastclient.Options) {
			o.OnMessage = func(roomcastclient.Message) {
				calls++
				_ = u.Close()
			}
		})
		u.join("lobby")
		s.say("lobby", "1", "2", "3")
		sleep(time.Minute)
		if calls != 1 {
			t.Errorf("called %d times", calls)
		}
	})
}

func TestContextEndsCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.refuse = true
		u := connect(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := u.Room("lobby").Join(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if _, err := u.Room("lobby").Presence(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.locked(func() { s.refuse = false })
		pass()
		if reported := u.joinedEvents(); len(reported) != 1 || reported[0].RoomID != "lobby" {
			t.Errorf("reported %+v: the client goes on joining", reported)
		}
		if asked := s.requestsOf(protocol.ActionPresence); len(asked) > 0 {
			t.Errorf("sent %+v, though the caller has given up", asked)
		}
	})
}

// A program that retries while there is no connection leaves nothing behind.
func TestCallsThatEndedAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() { s.refuse = true })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := u.Rollover(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		s.locked(func() { s.cutAll() })
		synctest.Wait()
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := u.CheckConnection(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
			if _, err := u.Room("attic").Join(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			ctx, cancel = context.WithTimeout(t.Context(), time.Second)
			if _, err := u.Room("attic").Join(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		if n := u.Waiters(); n != 0 {
			t.Errorf("the client would answer %d calls that have returned", n)
		}
		// The join goes on. That it fails is reported, because no call returns it.
		s.locked(func() {
			s.refuse = false
			s.script = func(p *peer, r request) bool {
				if r.RoomID == "attic" {
					p.refuse(r, protocol.CodeForbidden, 0)
				}
				return r.RoomID == "attic"
			}
		})
		pass()
		u.locked(func() {
			if last := u.errors[len(u.errors)-1]; roomcastclient.CodeOf(last) != roomcastclient.CodeForbidden {
				t.Errorf("the last error is %v, want forbidden", last)
			}
		})
	})
}
