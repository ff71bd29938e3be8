package roomcastclient_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

func TestReconnectDeliversWhatWasMissed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		attempts := 0
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.URLFunc = func(context.Context) (string, error) {
				attempts++
				return fmt.Sprintf("ws://fake/?token=%d", attempts), nil
			}
		})
		u.join("lobby")
		s.say("lobby", "1")
		s.locked(func() { s.refuse = true; s.cutAll() })
		sleep(time.Hour)
		s.say("lobby", "2", "3")
		s.locked(func() { s.refuse = false })
		pass()
		u.got("lobby", "1", "2", "3")
		reported := u.joinedEvents()
		want := roomcastclient.Joined{RoomID: "lobby", Position: roomcastclient.Position{Seq: 1, Epoch: "lobby-1"}, Recovered: true}
		if len(reported) != 2 || reported[1] != want {
			t.Errorf("reported %+v, want %+v last", reported, want)
		}
		if want := []roomcastclient.State{roomcastclient.StateConnecting, roomcastclient.StateOpen, roomcastclient.StateReconnecting, roomcastclient.StateOpen}; !slices.Equal(u.states, want) {
			t.Errorf("states %q, want %q", u.states, want)
		}
		// A wait takes 10 s on average, so an hour has about 360 attempts.
		if attempts < 250 || attempts > 500 || attempts != len(s.dials) {
			t.Errorf("%d attempts with %d handshakes in an hour", attempts, len(s.dials))
		}
		if len(u.errors) < attempts-2 || !strings.Contains(u.errors[0].Error(), "connection_lost: ") {
			t.Errorf("%d errors, the first is %v", len(u.errors), u.errors[0])
		}
	})
}

func TestURLFuncIsCalledAgainAfterAnError(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		tries := 0
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.URLFunc = func(context.Context) (string, error) {
				if tries++; tries < 4 {
					return "", errors.New("no token")
				}
				return "ws://fake/", nil
			}
		})
		u.join("lobby")
		synctest.Wait()
		if len(u.errors) != 3 || !strings.Contains(u.errors[0].Error(), "no token") {
			t.Errorf("errors %v", u.errors)
		}
	})
}

// A server that accepts connections and drops them is not flooded with attempts.
func TestShortConnectionDoesNotResetTheBackoff(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, _ request) bool {
			p.cut()
			return true
		}
		u := connect(t, s)
		go func() { _, _ = u.Room("lobby").Join(t.Context()) }()
		sleep(10 * time.Minute)
		if n := len(s.dials); n < 30 || n > 120 {
			t.Errorf("%d attempts in 10 minutes, want about 60", n)
		}
		if err := u.Room("lobby").Leave(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// 500 clients that are dropped at the same time spread their attempts over the
// backoff.
func TestReconnectsAreJittered(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		const clients = 500
		var attempts []time.Time
		url := func(context.Context) (string, error) {
			var err error
			s.locked(func() {
				attempts = append(attempts, time.Now())
				if s.refuse {
					err = errors.New("the server is down")
				}
			})
			return "ws://fake/", err
		}
		for range clients {
			connect(t, s, func(o *roomcastclient.Options) { o.URLFunc = url })
		}
		sleep(time.Minute)
		s.locked(func() {
			attempts = nil
			s.refuse = true
			s.cutAll()
		})
		down := time.Now()
		sleep(40 * time.Second)
		s.locked(func() { s.refuse = false })
		pass()

		within := func(from, to time.Duration) (n int) {
			for _, at := range attempts {
				if after := at.Sub(down); after >= from && after < to {
					n++
				}
			}
			return n
		}
		const window = 500 * time.Millisecond
		// The first retries all fall into the first window, but no part of it
		// has many of them.
		for from := time.Duration(0); from < window; from += window / 10 {
			if n := within(from, from+window/10); n > clients/4 {
				t.Errorf("%d attempts of %d clients in the %v from %v", n, clients, window/10, from)
			}
		}
		// Each later window has a smaller share of them.
		for from := window; from < 70*time.Second; from += window {
			most := clients
			switch {
			case from > 10*time.Second:
				most = clients / 8
			case from > 2*time.Second:
				most = clients / 2
			}
			if n := within(from, from+window); n > most {
				t.Errorf("%d attempts of %d clients in the %v from %v, want at most %d", n, clients, window, from, most)
			}
		}
		open := 0
		for _, p := range s.peers {
			if !p.closed {
				open++
			}
		}
		if open != clients {
			t.Errorf("%d clients are back, want %d", open, clients)
		}
	})
}

func TestNotConnectedReconnects(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.script = func(p *peer, r request) bool {
			if p.number == 1 && r.Action == protocol.ActionJoin {
				p.refuse(r, protocol.CodeNotConnected, 0)
				return true
			}
			return false
		}
		u := connect(t, s)
		u.join("lobby")
		s.say("lobby", "1")
		u.got("lobby", "1")
		if len(s.dials) != 2 {
			t.Errorf("%d handshakes, want 2", len(s.dials))
		}
	})
}

func TestRefusedRoomIsNotJoined(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		barred := false
		s.script = func(p *peer, r request) bool {
			if barred && r.Action == protocol.ActionJoin {
				p.refuse(r, protocol.CodeBadField, 0)
				return true
			}
			return false
		}
		u := connect(t, s)
		u.join("later")
		s.locked(func() { barred = true })
		var refused *roomcastclient.Error
		if _, err := u.Room("never").Join(t.Context()); !errors.As(err, &refused) || refused.Code != "bad_field" {
			t.Errorf("got %v, want bad_field", err)
		}
		s.locked(func() { s.cutAll() })
		pass()
		if _, ok := u.Room("later").Position(); ok {
			t.Error("a room that is refused is joined")
		}
		if last := u.errors[len(u.errors)-1]; !errors.As(last, &refused) || !strings.Contains(last.Error(), `"later"`) {
			t.Errorf("got %v, want the refusal", last)
		}
	})
}
