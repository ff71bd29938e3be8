package roomcastclient_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// waiting returns all calls that wait for a reply, by name.
func (u *user) waiting(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"Join":        func() error { _, err := u.Room("attic").Join(ctx); return err },
		"History":     func() error { _, err := u.Room("lobby").History(ctx, roomcastclient.WithLimit(10)); return err },
		"Presence":    func() error { _, err := u.Room("lobby").Presence(ctx); return err },
		"Notify":      func() error { _, err := u.Notify(ctx, []string{"bob"}, 1); return err },
		"Acknowledge": func() error { return u.Acknowledge(ctx, "n1") },
		"Request":     func() error { _, err := u.Request(ctx, "shout", nil); return err },
		"Send":        func() error { _, err := u.Room("lobby").Send(ctx, "hi"); return err },
		"Check":       func() error { return u.CheckConnection(ctx) },
	}
}

// Without a connection each call ends with CodeTimeout and says why it has none,
// or with the error of its context.
func TestNoCallHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.QueueTimeout = 3 * time.Minute })
		u.join("lobby")
		s.locked(func() { s.refuse = true; s.cutAll() })
		synctest.Wait()
		for name, call := range u.waiting(context.Background()) {
			limit := 30 * time.Second
			if name == "Send" {
				limit = 3 * time.Minute
			}
			start := time.Now()
			err := call()
			var refused *roomcastclient.ConnectError
			if took := time.Since(start); roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout || took != limit {
				t.Errorf("%s: got %v after %v, want timeout after %v", name, err, took, limit)
			} else if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || !strings.Contains(err.Error(), "503") {
				t.Errorf("%s: got %v, want it to say why there is no connection", name, err)
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the user went away")
		for name, call := range u.waiting(ctx) {
			done := make(chan error, 1)
			go func() { done <- call() }()
			synctest.Wait()
			if len(done) > 0 {
				t.Errorf("%s did not wait: %v", name, <-done)
			}
			defer func() {
				if err := <-done; !errors.Is(err, gone) {
					t.Errorf("%s: got %v, want the context's cause", name, err)
				}
			}()
		}
		cancel(gone)
		frames := s.requestCount()
		for name, call := range u.waiting(ctx) {
			if err := call(); !errors.Is(err, gone) {
				t.Errorf("%s after the context's end: got %v", name, err)
			}
		}
		s.locked(func() { s.refuse = false })
		pass()
		for _, r := range s.requests[frames:] {
			if r.Action != protocol.ActionJoin && r.Action != protocol.ActionSendMessage {
				t.Errorf("a call whose context ended is sent: %+v", r)
			}
		}
	})
}

// The connection works, and the request has no reply, or is refused as unavailable
// again and again.
func TestNoCallHangsWithoutAReply(t *testing.T) {
	for name, answer := range map[string]func(p *peer, r request){
		"none":        func(*peer, request) {},
		"unavailable": func(p *peer, r request) { p.refuse(r, protocol.CodeUnavailable, 0) },
		"rate":        func(p *peer, r request) { p.refuse(r, protocol.CodeRateLimited, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				s.locked(func() {
					s.script = func(p *peer, r request) bool {
						if r.Action == protocol.ActionPing {
							return false
						}
						answer(p, r)
						return true
					}
				})
				for name, call := range u.waiting(context.Background()) {
					if name == "Check" {
						continue
					}
					start := time.Now()
					if err, took := call(), time.Since(start); err == nil || took > 4*time.Minute+30*time.Second {
						t.Errorf("%s: got %v after %v", name, err, took)
					}
				}
				done := make(chan error, 1)
				go func() { done <- u.Room("lobby").Leave(context.Background()) }()
				sleep(time.Minute)
				if err := <-done; roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout {
					t.Errorf("Leave: got %v", err)
				}
			})
		})
	}
}

// It leaves the queue, and the other messages are sent.
func TestUnsentMessageTimesOut(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.QueueTimeout = time.Minute })
		u.join("lobby")
		s.locked(func() {
			s.script = func(_ *peer, r request) bool { return r.Message == "first" } // never answered
		})
		results := make(chan error, 3)
		send := func(text string) {
			_, err := u.Room("lobby").Send(t.Context(), text)
			results <- err
		}
		go send("first")
		synctest.Wait()
		go send("second")
		sleep(59 * time.Second)
		go send("third")
		sleep(2 * time.Second)
		if err := <-results; roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout || roomcastclient.CodeOf(err) == roomcastclient.CodeOutcomeUnknown {
			t.Errorf("second: got %v, want timeout", err)
		}
		s.locked(func() { s.script = nil })
		sleep(time.Minute)
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		u.got("lobby", "first", "third")
	})
}

// It ends the one request that it can belong to, so that this blocks nothing. The
// server repeats no clientId that it refuses.
func TestErrorWithoutAClientID(t *testing.T) {
	for _, frame := range []string{
		`{"type":"error","code":"bad_field","message":"clientId: must not contain that"}`,
		`{"type":"error","code":"bad_frame","message":"the frame must be better"}`,
	} {
		serialSubtest(t, func(t *testing.T, s *server) {
			u := connect(t, s)
			u.join("a")
			u.join("b")
			s.locked(func() {
				s.script = func(p *peer, r request) bool {
					if r.Message == "bad" {
						p.postRaw(frame)
					}
					return r.Message == "bad" || r.Message == "slow"
				}
			})
			start := time.Now()
			bad := make(chan error, 1)
			go func() {
				_, err := u.Room("a").Send(t.Context(), "bad", roomcastclient.WithIdempotencyKey("mine"))
				bad <- err
			}()
			synctest.Wait()
			u.send("a", "good")
			var refused *roomcastclient.Error
			if err := <-bad; !errors.As(err, &refused) || !strings.Contains(frame, string(refused.Code)) || time.Since(start) > 0 {
				t.Errorf("got %v after %v", err, time.Since(start))
			}
			// With a second request pending, it is not certain which one is meant.
			go func() { _, _ = u.Room("b").Send(t.Context(), "slow") }()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := u.Room("a").Send(ctx, "bad"); !errors.Is(err, context.DeadlineExceeded) || len(u.failures()) != 1 {
				t.Errorf("got %v, reported %q", err, u.failures())
			}
		})
	}
}

func TestRolloverTimesOut(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		s.locked(func() { s.refuse = true })
		start := time.Now()
		if err := u.Rollover(context.Background()); roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout || time.Since(start) != 30*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if _, err := u.Room("lobby").Send(t.Context(), "on the old one", nil); err != nil { // nil is no option
			t.Error(err)
		}
	})
}

// The server closes the connection because of it. It is not sent again: its call
// fails, and the others continue.
func TestFrameTooLargeForTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.limit = 1000
		u := connect(t, s)
		u.join("a")
		u.join("b")
		u.join("c")
		results := make(chan error, 2)
		go func() { _, err := u.Room("a").Send(t.Context(), strings.Repeat("x", 2000)); results <- err }()
		synctest.Wait()
		go func() { _, err := u.Notify(t.Context(), []string{"bob"}, strings.Repeat("y", 3000)); results <- err }()
		for _, room := range []string{"a", "b", "c"} {
			u.send(room, "small")
			u.got(room, "small")
		}
		for range 2 {
			var refused *roomcastclient.Error
			if err := <-results; !errors.As(err, &refused) || refused.Code != "message_too_large" {
				t.Errorf("got %v, want message_too_large", err)
			}
		}
		pass()
		if _, connections := s.counts(); s.large != 2 || connections != 3 {
			t.Errorf("%d frames that are too large on %d connections, want 2 on 3", s.large, connections)
		}
	})
}

// The room is given up, and the others continue.
func TestRoomNameTooLargeForTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.limit = 200
		u := connect(t, s)
		u.join("lobby")
		var refused *roomcastclient.Error
		if _, err := u.Room(strings.Repeat("語", 128)).Join(t.Context()); !errors.As(err, &refused) || refused.Code != "message_too_large" {
			t.Errorf("got %v, want message_too_large", err)
		}
		pass()
		u.send("lobby", "hi")
		u.got("lobby", "hi")
		if s.large != 1 {
			t.Errorf("sent %d times, want once", s.large)
		}
	})
}

func TestDurationOptionsHaveLimits(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(o *roomcastclient.Options, d time.Duration){
		"ProbeTimeout": func(o *roomcastclient.Options, d time.Duration) { o.ProbeTimeout = d },
		"CallTimeout":  func(o *roomcastclient.Options, d time.Duration) { o.CallTimeout = d },
		"QueueTimeout": func(o *roomcastclient.Options, d time.Duration) { o.QueueTimeout = d },
	} {
		for _, d := range []time.Duration{-1, time.Microsecond, 25 * time.Hour} {
			o := roomcastclient.Options{URL: "ws://fake/"}
			change(&o, d)
			if _, err := roomcastclient.New(o); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s of %v: got %v", name, d, err)
			}
		}
	}
}
