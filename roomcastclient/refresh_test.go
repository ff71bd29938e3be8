package roomcastclient_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// wallet gives out tokens of a server, and counts them.
type wallet struct {
	server *server
	holds  time.Duration
	given  []string
	next   func() (string, error) // instead, unless nil
}

func (w *wallet) use(o *roomcastclient.Options) {
	w.server.locked(func() { w.server.tokens = map[string]time.Time{} })
	o.Token = func(context.Context) (token string, err error) {
		w.server.locked(func() {
			if w.next != nil {
				token, err = w.next()
			} else {
				token = w.server.issue(w.holds)
			}
			w.given = append(w.given, token)
		})
		return token, err
	}
}

func TestATokenIsASubprotocol(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		s.locked(s.cutAll)
		pass()
		u.send("lobby", "hi")
		for i, p := range s.peers {
			if want := (handshake{token: w.given[i], protocols: "roomcast," + w.given[i]}); p.said != want {
				t.Errorf("said %+v, want %+v", p.said, want)
			}
		}
		if len(s.peers) != 2 || w.given[0] == w.given[1] {
			t.Errorf("%d connections with %q, want a fresh token for each", len(s.peers), w.given)
		}
	})
}

func TestATokenInTheQuery(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Hour}
		u := connect(t, s, w.use, func(o *roomcastclient.Options) {
			o.TokenInQuery = true
			o.URL = "ws://fake/?roomId=lobby"
		})
		u.join("lobby")
		if said := s.peers[0].said; said.query != "roomId=lobby&token="+w.given[0] || said.protocols != "" {
			t.Errorf("said %+v", said)
		}
	})
}

// A handshake that is refused is tried again with another token, at the pace of
// any retry, and no error tells a token.
func TestARefusedHandshakeIsTriedWithANewToken(t *testing.T) {
	for name, inQuery := range map[string]bool{"as a subprotocol": false, "in the query": true} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, s *server) {
				w := &wallet{server: s, next: func() (string, error) { return "forged.forged.forged", nil }}
				u := connect(t, s, w.use, func(o *roomcastclient.Options) { o.TokenInQuery = inQuery })
				sleep(10 * time.Minute)
				if n := len(s.dials); n < 30 || n > 120 || n != len(w.given) {
					t.Errorf("%d attempts with %d tokens in 10 minutes, want about 60", n, len(w.given))
				}
				for _, text := range u.failures() {
					if strings.Contains(text, "forged") || !strings.Contains(text, "401") {
						t.Fatalf("got %q", text)
					}
				}
				s.locked(func() { w.next, w.holds = nil, time.Hour })
				u.join("lobby")
			})
		})
	}
}

// TestATokenThatStaysTheSame: Options.Token gives one that has ended, again and
// again. It may give another one any time, so that the client goes on trying.
func TestATokenThatStaysTheSame(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		var token string
		w := &wallet{server: s, next: func() (string, error) {
			if token == "" {
				token = s.issue(time.Hour)
			}
			return token, nil
		}}
		u := connect(t, s, w.use)
		u.join("lobby")
		sleep(2 * time.Hour)
		before, _ := s.reached()
		sleep(10 * time.Minute)
		if n, _ := s.reached(); n-before < 30 || n-before > 120 {
			t.Errorf("%d attempts in 10 minutes, want about 60", n-before)
		}
		s.locked(func() { w.next, w.holds = nil, time.Hour })
		pass()
		s.say("lobby", "hi")
		u.got("lobby", "hi")
	})
}

func TestATokenThatCannotBeHad(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		err   error
		want  string
	}{
		"an error":          {err: errors.New("signed out"), want: "token: signed out"},
		"none":              {want: "Options.Token returned an empty string"},
		"no subprotocol":    {token: "sec ret", want: "set Options.TokenInQuery"},
		"a second one":      {token: "sec,ret", want: "set Options.TokenInQuery"},
		"a line of header":  {token: "sec\r\nret", want: "it has a line break"},
		"a last newline":    {token: "secret\n", want: "it has white space around it, such as a line break at the end; trim it"},
		"a web page":        {token: "\n<!DOCTYPE html><html>secret", want: "it is an HTML page;"},
		"a page with a BOM": {token: "\ufeff<html>secret", want: "it is an HTML page;"},
		"a BOM":             {token: "\ufeffsecret", want: "it has white space around it"},
		"a status":          {token: "404 page not secret", want: "check the status of the response"},
		"an error in JSON":  {token: `{"error":"secret"}`, want: "it is JSON;"},
		"a JSON text":       {token: `"secret"`, want: "it is in quotes"},
		"a header":          {token: "Bearer secret", want: "it begins with Bearer"},
		"white space":       {token: " \n", want: "Options.Token returned an empty string"},
		"too long":          {token: strings.Repeat("secret", 2000), want: "it has 12000 bytes, expected at most 8192"},
		"no text":           {token: "secret\xff", want: "it is not valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, s *server) {
				w := &wallet{server: s, next: func() (string, error) { return c.token, c.err }}
				u := connect(t, s, w.use)
				sleep(time.Second)
				first := u.failures()[0]
				if !strings.Contains(first, c.want) || strings.Contains(first, "cret") {
					t.Errorf("got %q, want %q", first, c.want)
				}
				if len(s.dials) > 0 {
					t.Errorf("%d handshakes without a token", len(s.dials))
				}
			})
		})
	}
}

// TestATokenIsReplacedBeforeItEnds: nothing is sent, and the connection stays.
func TestATokenIsReplacedBeforeItEnds(t *testing.T) {
	for _, c := range []struct{ holds, least, most time.Duration }{
		{30 * time.Minute, 30*time.Minute - 46*time.Second, 30*time.Minute - 30*time.Second},
		{20 * time.Second, 4 * time.Second, 10 * time.Second},
	} {
		t.Run(c.holds.String(), func(t *testing.T) {
			alone(t, func(t *testing.T, s *server) {
				w := &wallet{server: s, holds: c.holds}
				u := connect(t, s, w.use)
				u.join("lobby")
				start := time.Now()
				sleep(3 * c.holds)
				refreshes := s.asked(protocol.ActionRefresh)
				if len(refreshes) < 3 {
					t.Fatalf("refreshed %d times in 3 times %v", len(refreshes), c.holds)
				}
				for i, r := range refreshes {
					// The end is in whole seconds.
					if after := r.at.Sub(start); after < c.least || after > c.most || r.Token != w.given[i+1] {
						t.Errorf("refreshed %v after the one before, want %v to %v", after, c.least, c.most)
					}
					start = r.at
				}
				s.say("lobby", "hi")
				u.got("lobby", "hi")
				if len(s.dials) > 1 || len(u.failures()) > 0 {
					t.Errorf("%d handshakes, %q", len(s.dials), u.failures())
				}
			})
		})
	}
}

// An opaque token says nothing of its end: the answer to the first refresh does.
func TestATokenThatCannotBeRead(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s}
		s.locked(func() {
			w.next = func() (string, error) {
				token := strings.Repeat("x", len(w.given)+1)
				s.tokens[token] = time.Now().Add(10 * time.Minute)
				return token, nil
			}
		})
		u := connect(t, s, w.use)
		u.join("lobby")
		sleep(10*time.Minute + time.Second)
		if n := len(s.asked(protocol.ActionRefresh)); n != 0 {
			t.Fatalf("%d refreshes of a token that cannot be read", n)
		}
		u.send("lobby", "late")
		if n := len(s.asked(protocol.ActionRefresh)); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
		sleep(9*time.Minute + 31*time.Second)
		if n := len(s.asked(protocol.ActionRefresh)); n != 2 {
			t.Errorf("%d refreshes, want the second before the end", n)
		}
	})
}

// TestAnEndedTokenIsReplacedOnce, and everything goes on after it, each message
// once and in order.
func TestAnEndedTokenIsReplacedOnce(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		u.join("office")
		synctest.Wait()
		s.locked(func() { s.peers[0].ends = time.Now() }) // sooner than it said
		sent := make(chan error, 5)
		for _, text := range []string{"1", "2", "3"} {
			go func() { _, err := u.Room("lobby").Send(t.Context(), text); sent <- err }()
			synctest.Wait()
		}
		go func() { _, err := u.Room("office").Presence(t.Context()); sent <- err }()
		go func() { _, err := u.Room("attic").Join(t.Context()); sent <- err }()
		for range cap(sent) {
			if err := <-sent; err != nil {
				t.Error(err)
			}
		}
		u.got("lobby", "1", "2", "3")
		if refreshes := s.asked(protocol.ActionRefresh); len(refreshes) != 1 || len(w.given) != 2 || len(s.dials) != 1 {
			t.Errorf("%d refreshes with %d tokens on %d connections, want one", len(refreshes), len(w.given), len(s.dials))
		}
		sends := s.asked(protocol.ActionSendMessage)
		if len(sends) != 4 || sends[0].ClientID != sends[1].ClientID {
			t.Errorf("sent %+v, want the first twice under one name", sends)
		}
	})
}

func TestACursorFindsOutThatTheTokenHasEnded(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() { s.peers[0].ends = time.Now() })
		if err := u.Room("lobby").MoveCursor(roomcastclient.TextPosition(1, 2), ""); err != nil {
			t.Fatal(err)
		}
		sleep(time.Second)
		if n := len(s.asked(protocol.ActionRefresh)); n != 1 || len(u.failures()) > 0 {
			t.Errorf("%d refreshes, %q", n, u.failures())
		}
	})
}

// TestABadTokenIsFollowedByOneMore, and then by another connection, which asks
// again at the pace of any retry.
func TestABadTokenIsFollowedByOneMore(t *testing.T) {
	for name, good := range map[string]int{"the second is good": 2, "the third": 3, "none for a while": 60} {
		t.Run(name, func(t *testing.T) {
			alone(t, func(t *testing.T, s *server) {
				w := &wallet{server: s, holds: time.Hour}
				u := connect(t, s, w.use)
				u.join("lobby")
				synctest.Wait()
				s.locked(func() {
					w.next = func() (string, error) {
						if len(w.given) < good {
							return "forged", nil
						}
						return s.issue(time.Hour), nil
					}
				})
				s.locked(func() { s.peers[0].ends = time.Now() })
				start := time.Now()
				if _, err := u.Room("lobby").Send(t.Context(), "hi"); good < 60 && err != nil || good == 60 && roomcastclient.CodeOf(err) != "token_expired" {
					t.Error(err)
				}
				refreshes := s.asked(protocol.ActionRefresh)
				if len(refreshes) != 2 || refreshes[1].at.Sub(refreshes[0].at) < 10*time.Second {
					t.Errorf("refreshed at %v, want twice and not at once", refreshes)
				}
				if dials := len(s.dials); good == 2 && dials != 1 || good == 3 && dials != 2 {
					t.Errorf("%d handshakes", dials)
				}
				if failures := u.failures(); len(failures) == 0 || !strings.Contains(failures[0], "bad_token") {
					t.Errorf("told %q, want bad_token", failures)
				}
				if took := time.Since(start); len(w.given) > 3+int(took/time.Second)/3 {
					t.Errorf("asked for %d tokens in %v", len(w.given), took)
				}
			})
		})
	}
}

func TestATokenServiceThatIsDownIsAskedAgain(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Minute}
		u := connect(t, s, w.use)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() {
			w.next = func() (string, error) {
				if len(w.given) < 4 {
					return "", errors.New("the token service is down")
				}
				return s.issue(time.Hour), nil
			}
		})
		sleep(time.Minute)
		u.send("lobby", "hi")
		if failures := u.failures(); len(failures) != 3 || !strings.Contains(failures[0], "token service is down") || len(s.dials) != 1 {
			t.Errorf("reported %q on %d connections", failures, len(s.dials))
		}
		if code := roomcastclient.CodeOf(u.errors[0]); code != roomcastclient.CodeRefreshFailed {
			t.Errorf("the code is %q, want refresh_failed", code)
		}
	})
}

// Without Options.Token the URL may hold one: the next URL a newer one.
func TestAnEndedTokenOfTheURLMeansToConnectAgain(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.URLFunc = func(context.Context) (url string, err error) {
				s.locked(func() { url = "ws://fake/?token=" + s.issue(time.Minute) })
				return url, nil
			}
		})
		u.join("lobby")
		sleep(time.Minute)
		u.send("lobby", "hi")
		if len(s.dials) != 2 || len(s.asked(protocol.ActionRefresh)) > 0 {
			t.Errorf("%d handshakes, want 2", len(s.dials))
		}
	})
}

// TestRoomsThatANewTokenDoesNotPermit are left, what waits there fails, and they
// are not joined again before Join is called.
func TestRoomsThatANewTokenDoesNotPermit(t *testing.T) {
	alone(t, func(t *testing.T, s *server) {
		w := &wallet{server: s, holds: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		u.join("tea")
		synctest.Wait()
		s.locked(func() {
			s.revoked = []string{"tea", "never joined"}
			s.peers[0].ends = time.Now()
		})
		failed := make(chan error, 3)
		for _, text := range []string{"1", "2"} {
			go func() { _, err := u.Room("tea").Send(t.Context(), text); failed <- err }()
		}
		go func() { _, err := u.Room("tea").Presence(t.Context()); failed <- err }()
		for range cap(failed) {
			var e *roomcastclient.Error
			if err := <-failed; !errors.As(err, &e) || e.Code != "forbidden" {
				t.Errorf("got %v, want forbidden", err)
			}
		}
		synctest.Wait()
		if want := []string{`tea: forbidden: the new token does not permit the room "tea"`}; !slices.Equal(u.left, want) {
			t.Errorf("told %q, want %q", u.left, want)
		}
		s.locked(s.cutAll)
		pass()
		joins := s.asked(protocol.ActionJoin)
		if last := joins[len(joins)-1]; len(joins) != 3 || last.RoomID != "lobby" {
			t.Errorf("joined %+v, want the lobby again and nothing else", joins)
		}
		u.join("tea")
		u.send("tea", "hi")
	})
}
