package roomcastclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

const (
	connecting   = roomcastclient.StateConnecting
	open         = roomcastclient.StateOpen
	reconnecting = roomcastclient.StateReconnecting
)

// went fails the test unless the client went through exactly these states.
func (u *user) went(want ...roomcastclient.State) {
	u.t.Helper()
	synctest.Wait()
	u.locked(func() {
		if !slices.Equal(u.states, want) {
			u.t.Errorf("the states were %q, want %q", u.states, want)
		}
	})
	if got := u.State(); got != want[len(want)-1] {
		u.t.Errorf("the state is %q, want %q", got, want[len(want)-1])
	}
}

// The state is open again only when every room is joined on the new connection.
func TestOpenMeansThatAllRoomsAreJoined(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.went(connecting, open)
		u.join("lobby")
		u.join("attic")
		u.went(connecting, open) // a further room changes nothing
		s.locked(func() {
			s.script = func(p *peer, r request) bool { return p.number == 2 && r.RoomID == "attic" }
			s.cutAll()
		})
		sleep(5 * time.Second)
		u.went(connecting, open, reconnecting)
		s.locked(func() { s.script = nil })
		pass() // the join without a reply is sent again
		u.went(connecting, open, reconnecting, open)
	})
}

// A room that cannot be joined again, or that the program leaves, does not hold the
// state up.
func TestOpenDoesNotWaitForALostRoom(t *testing.T) {
	for name, lose := range map[string]func(u *user, s *server){
		"refused": func(_ *user, s *server) {
			s.script = func(p *peer, r request) bool {
				if r.RoomID == "attic" {
					p.refuse(r, protocol.CodeForbidden, 0)
				}
				return r.RoomID == "attic"
			}
		},
		"full": func(_ *user, s *server) { s.places = 1; s.room("attic").members[&peer{}] = true },
		"left": func(u *user, s *server) { go func() { _ = u.Room("attic").Leave(u.t.Context()) }() },
		"a leave that waits": func(u *user, s *server) {
			s.script = func(_ *peer, r request) bool { return r.RoomID == "attic" }
			go func() { _ = u.Room("attic").Leave(u.t.Context()) }()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				u.join("attic")
				s.locked(func() {
					s.cutAll()
					lose(u, s)
				})
				sleep(5 * time.Second)
				u.went(connecting, open, reconnecting, open)
			})
		})
	}
}

// A rollover leaves the state open.
func TestStateDuringARollover(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		if err := u.Rollover(t.Context()); err != nil {
			t.Fatal(err)
		}
		u.went(connecting, open)
		_ = u.Close()
		u.went(connecting, open, roomcastclient.StateClosed)
	})
}

func TestUserIDIsInTheQuery(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.URL, o.UserID = "ws://fake/prod?roomId=lobby", "ada & bob"
		})
		u.join("lobby")
		query, err := url.ParseQuery(s.peers[0].handshake.query)
		if want := (url.Values{"roomId": {"lobby"}, "userId": {"ada & bob"}}); err != nil || fmt.Sprint(query) != fmt.Sprint(want) {
			t.Errorf("the query is %v, want %v", query, want)
		}
	})
}

func TestPendingCallsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) { o.MaxQueued = 2 })
		u.join("lobby")
		s.locked(func() { s.script = func(_ *peer, r request) bool { return r.Action == protocol.ActionPresence } })
		done := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := u.Room("lobby").Presence(t.Context())
				done <- err
			}()
		}
		synctest.Wait()
		_, err := u.Room("lobby").History(t.Context())
		if roomcastclient.CodeOf(err) != roomcastclient.CodeQueueFull {
			t.Errorf("got %v, want queue_full", err)
		}
		u.send("lobby", "messages count apart")
		for range 2 {
			if err := <-done; roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout {
				t.Errorf("got %v, want timeout", err)
			}
		}
		if _, err := u.Room("lobby").History(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRequestHasTheKeyOfTheApplication(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		var pending []*peer
		s.script = func(p *peer, r request) bool {
			if r.Action == "shout" {
				pending = append(pending, p)
			}
			return r.Action == "shout"
		}
		key := roomcastclient.WithIdempotencyKey(`my "key"`)
		done := make(chan error, 1)
		go func() {
			_, err := u.Request(t.Context(), "shout", nil, key)
			done <- err
		}()
		synctest.Wait()
		if _, err := u.Request(t.Context(), "shout", nil, key); roomcastclient.CodeOf(err) != roomcastclient.CodeBadField {
			t.Errorf("got %v, want bad_field while the first is pending", err)
		}
		s.locked(func() { pending[0].postRaw(`{"type":"shouted","clientId":"my \"key\""}`) })
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// The deadline of a context is the time limit of a request, even a later one than
// CallTimeout.
func TestRequestWaitsUntilItsDeadline(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		s.script = func(p *peer, r request) bool {
			time.AfterFunc(2*time.Minute, func() {
				s.locked(func() { p.postRaw(fmt.Sprintf(`{"type":"done","clientId":%q}`, r.ClientID)) })
			})
			return r.Action == "report"
		}
		for limit, want := range map[time.Duration]error{time.Minute: context.DeadlineExceeded, time.Hour: nil} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			start := time.Now()
			_, err := u.Request(ctx, "report", nil)
			cancel()
			if took := time.Since(start); !errors.Is(err, want) || took != min(limit, 2*time.Minute) {
				t.Errorf("with %v: got %v after %v, want %v", limit, err, took, want)
			}
		}
	})
}

// Losses are reported by their codes, and so is a token that cannot be replaced.
func TestErrorsReportedByCode(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Minute}
		u := connect(t, s, w.use)
		u.join("lobby")
		s.locked(func() { s.cutAll() })
		synctest.Wait()
		u.locked(func() {
			if len(u.errors) != 1 || roomcastclient.CodeOf(u.errors[0]) != roomcastclient.CodeConnectionLost {
				t.Errorf("got %v, want connection_lost", u.errors)
			}
		})
	})
}

// When a connection is lost during a rollover, the next one is used at once. The
// state is open when it is in all rooms.
func TestStateWhenARolloverBecomesAReconnect(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		var late func()
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				late = func() { s.answer(p, r) }
				return r.Action == protocol.ActionJoin
			}
		})
		go func() { _ = u.Rollover(t.Context()) }()
		synctest.Wait()
		s.locked(func() { s.script = nil; s.peers[0].cut() })
		u.went(connecting, open, reconnecting)
		s.locked(func() { late() })
		u.went(connecting, open, reconnecting, open)
	})
}
