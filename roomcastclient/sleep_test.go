package roomcastclient_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// sleeper is a wall clock that goes on while the machine sleeps, when the time
// of the bubble stands still as the monotonic clock does.
type sleeper struct {
	server *server
	slept  time.Duration
}

func (z *sleeper) use(o *roomcastclient.Options) {
	o.SetClock(func() (now time.Time) {
		z.server.clock.Lock()
		defer z.server.clock.Unlock()
		return time.Now().Round(0).Add(z.slept)
	})
}

func (z *sleeper) sleep(d time.Duration) {
	z.server.clock.Lock()
	defer z.server.clock.Unlock()
	z.slept += d
}

// After a sleep the server may have forgotten the first copy.
func TestSleepCountsForTheOutcome(t *testing.T) {
	for _, c := range []struct {
		name  string
		after func(s *server) // the sleep
	}{
		{"without an answer", func(*server) {}},
		{"cut off", func(s *server) { s.locked(func() { s.cutAll() }) }},
		{"unavailable", func(s *server) {
			s.locked(func() { s.peers[0].refuse(s.requests[len(s.requests)-1], protocol.CodeUnavailable, time.Second) })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				s.script = func(_ *peer, r request) bool { return r.Message == "lost" }
				z := &sleeper{server: s}
				u := connect(t, s, z.use)
				u.join("lobby")
				lost := make(chan error, 1)
				go func() { _, err := u.Room("lobby").Send(t.Context(), "lost"); lost <- err }()
				synctest.Wait()
				woke := time.Now()
				z.sleep(4*time.Minute + 30*time.Second)
				c.after(s)
				err := <-lost
				if took := time.Since(woke); roomcastclient.CodeOf(err) != roomcastclient.CodeOutcomeUnknown || took > 15*time.Second {
					t.Errorf("got %v %v after the sleep", err, took)
				}
				if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) != 1 {
					t.Errorf("sent %d times, want once", len(sends))
				}
				u.send("lobby", "next")
				u.got("lobby", "next")
			})
		})
	}
}

// The wall clock ends the time of the last copy.
func TestShortSleepLeavesTheRestOfTheTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(_ *peer, r request) bool { return r.Message == "lost" }
		z := &sleeper{server: s}
		u := connect(t, s, z.use)
		u.join("lobby")
		lost := make(chan error, 1)
		start := time.Now()
		go func() { _, err := u.Room("lobby").Send(t.Context(), "lost"); lost <- err }()
		synctest.Wait()
		z.sleep(4 * time.Minute)
		err := <-lost
		if took := time.Since(start); roomcastclient.CodeOf(err) != roomcastclient.CodeOutcomeUnknown || took != 30*time.Second {
			t.Errorf("got %v after %v awake, want 30 s", err, took)
		}
		if sends := s.requestsOf(protocol.ActionSendMessage); len(sends) != 3 {
			t.Errorf("sent %d times, want 3", len(sends))
		}
	})
}

// It was queued before the sleep, behind a frame that the network did not accept.
func TestFrameThatWaitedThroughASleepIsNotWritten(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		z := &sleeper{server: s}
		u := connect(t, s, z.use)
		u.join("a")
		u.join("b")
		stalled := make(chan struct{})
		s.locked(func() {
			s.script = func(_ *peer, r request) bool {
				if r.Action == protocol.ActionPresence {
					<-stalled
				}
				return false
			}
		})
		go func() { _, _ = u.Room("a").Presence(t.Context()) }()
		synctest.Wait()
		go func() { _, _ = u.Room("a").Send(t.Context(), strings.Repeat("x", 16<<10)) }()
		synctest.Wait()
		late := make(chan error, 1)
		go func() { _, err := u.Room("b").Send(t.Context(), "late"); late <- err }()
		synctest.Wait()
		z.sleep(4*time.Minute + 31*time.Second)
		close(stalled)
		if err := <-late; roomcastclient.CodeOf(err) != roomcastclient.CodeOutcomeUnknown {
			t.Errorf("got %v, want outcome_unknown", err)
		}
		u.got("b")
	})
}
