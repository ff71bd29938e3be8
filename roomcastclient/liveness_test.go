package roomcastclient_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// die makes a connection dead without a close frame, as after a change of
// networks.
func (p *peer) die() { p.deaf, p.mute = true, true }

// It finds a dead connection long before the next ping, and does not touch one
// that works.
func TestCheckConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		for range 3 {
			if err := u.CheckConnection(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if handshakes, _ := s.counts(); handshakes != 1 || len(s.requestsOf(protocol.ActionPing)) != 3 {
			t.Errorf("%d handshakes and %d pings, want 1 and 3", handshakes, len(s.requestsOf(protocol.ActionPing)))
		}
		s.locked(func() { s.peers[0].die() })
		s.say("lobby", "missed")
		start := time.Now()
		if err := u.CheckConnection(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took < 3*time.Second || took > 4*time.Second {
			t.Errorf("it took %v, want some 3 s", took)
		}
		u.got("lobby", "missed")
	})
}

func TestChecksShareAPing(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var asked []request
		s.script = func(p *peer, r request) bool {
			if r.Action == protocol.ActionPing {
				asked = append(asked, r)
			}
			return r.Action == protocol.ActionPing
		}
		u := connect(t, s)
		u.join("lobby")
		done := make(chan error, 10)
		for range cap(done) {
			go func() { done <- u.CheckConnection(t.Context()) }()
		}
		sleep(time.Second)
		s.locked(func() {
			if len(asked) != 1 {
				t.Errorf("%d pings, want 1", len(asked))
			}
			s.peers[0].refuse(asked[0], protocol.CodeRateLimited, time.Minute) // a sign of life, too
		})
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

// A frame that was on its way when the network died proves nothing, but frames
// that keep arriving do.
func TestEarlierFrameDoesNotProveTheConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() { s.peers[0].deaf = true })
		done := make(chan error, 1)
		start := time.Now()
		go func() { done <- u.CheckConnection(t.Context()) }()
		for i := range 2 {
			sleep(2 * time.Second)
			s.say("lobby", strings.Repeat("x", i+1))
			if handshakes, _ := s.counts(); handshakes != 1 || len(done) > 0 {
				t.Errorf("%d handshakes while frames arrive", handshakes)
			}
		}
		s.locked(func() { s.peers[0].mute = true })
		if err := <-done; err != nil || time.Since(start) < 6*time.Second || time.Since(start) > 8*time.Second {
			t.Errorf("got %v after %v, want another connection after 7 s", err, time.Since(start))
		}
	})
}

// The wall clock ran while the process was suspended.
func TestSuspendIsNoticed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		z := &sleeper{server: s}
		u := connect(t, s, z.use)
		u.join("lobby")
		sleep(time.Minute)
		if n := len(s.requestsOf(protocol.ActionPing)); n > 0 {
			t.Errorf("%d pings without a reason", n)
		}
		z.sleep(time.Hour)
		sleep(6 * time.Second)
		if handshakes, _ := s.counts(); handshakes != 1 || len(s.requestsOf(protocol.ActionPing)) != 1 {
			t.Errorf("%d handshakes, %d pings: want the connection checked and kept", handshakes, len(s.requestsOf(protocol.ActionPing)))
		}
		s.locked(func() { s.peers[0].die() })
		s.say("lobby", "missed")
		z.sleep(10 * time.Minute)
		sleep(9 * time.Second)
		u.got("lobby", "missed")
		z.sleep(-10 * time.Minute) // put right
		sleep(time.Minute)
		if handshakes, _ := s.counts(); handshakes != 2 {
			t.Errorf("%d handshakes, want 2", handshakes)
		}
	})
}

// The client does not wait for the rest of a backoff.
func TestSuspendWithoutAConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		z := &sleeper{server: s}
		slow := func(o *roomcastclient.Options) { o.RetryBase, o.RetryMax = time.Second, time.Hour }
		u := connect(t, s, z.use, slow)
		u.join("lobby")
		s.locked(func() { s.refuse = true; s.cutAll() })
		sleep(5 * time.Hour) // attempts are up to an hour apart
		s.locked(func() { s.refuse = false })
		if _, connections := s.counts(); connections != 1 {
			t.Fatalf("%d connections, want that the client waits", connections)
		}
		z.sleep(time.Hour)
		sleep(6 * time.Second)
		if _, connections := s.counts(); connections != 2 {
			t.Errorf("%d connections, want another one at once", connections)
		}
	})
}

func TestStalledWriteIsNoticed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		synctest.Wait()
		release := make(chan struct{})
		s.locked(func() {
			s.stall = func(p *peer) {
				if p.number == 1 {
					<-release
				}
			}
		})
		// The pipe holds nothing: the second frame is not written while the first
		// is not read.
		go func() { _, _ = u.Room("lobby").Presence(t.Context()) }()
		synctest.Wait()
		start := time.Now()
		u.send("lobby", "hello")
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("it took %v, want some 6 s", took)
		}
		u.got("lobby", "hello")
		close(release)
	})
}

// It connects while the client waits to reconnect, and when an attempt hangs in a
// network that is gone.
func TestCheckConnectionConnectsNow(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var hang atomic.Bool
		release := make(chan struct{})
		defer close(release) // net/http goes on dialing when nobody waits for it
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			if hang.Load() {
				<-release
				return nil, net.ErrClosed
			}
			return s.listener.dial(ctx)
		}
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: dial}}
		})
		u.join("lobby")
		s.locked(func() { s.refuse = true; s.cutAll() })
		sleep(5 * time.Minute) // attempts are up to 20 s apart
		s.locked(func() { s.refuse = false })
		start := time.Now()
		if err := u.CheckConnection(t.Context()); err != nil || time.Since(start) > 500*time.Millisecond {
			t.Errorf("after a pause: got %v after %v", err, time.Since(start))
		}
		synctest.Wait() // the server knows of the connection, too
		hang.Store(true)
		s.locked(s.cutAll)
		sleep(4 * time.Second)
		hang.Store(false)
		start = time.Now()
		if err := u.CheckConnection(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("in an attempt: got %v after %v", err, time.Since(start))
		}
		synctest.Wait()
		// Calling it all the time does no harm.
		s.locked(func() { s.refuse = true; s.cutAll() })
		before, _ := s.counts()
		for range 1000 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			if err := u.CheckConnection(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			cancel()
		}
		if after, _ := s.counts(); after-before > 25 {
			t.Errorf("%d handshakes in 10 s, want two a second at most", after-before)
		}
	})
}

func TestCheckConnectionOfAClosedClient(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.refuse = true
		u := connect(t, s)
		done := make(chan error, 1)
		go func() { done <- u.CheckConnection(t.Context()) }()
		synctest.Wait()
		_ = u.Close()
		for _, err := range []error{<-done, u.CheckConnection(t.Context())} {
			if roomcastclient.CodeOf(err) != roomcastclient.CodeClosed {
				t.Errorf("got %v, want closed", err)
			}
		}
	})
}
