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

// tokenSource issues tokens of a server and counts them.
type tokenSource struct {
	server   *server
	lifetime time.Duration
	issued   []string
	next     func() (string, error) // instead, unless nil
}

func (w *tokenSource) use(o *roomcastclient.Options) {
	w.server.locked(func() { w.server.tokens = map[string]time.Time{} })
	o.Token = func(context.Context) (token string, err error) {
		w.server.locked(func() {
			if w.next != nil {
				token, err = w.next()
			} else {
				token = w.server.issue(w.lifetime)
			}
			w.issued = append(w.issued, token)
		})
		return token, err
	}
}

func TestTokenAsSubprotocol(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		s.locked(s.cutAll)
		pass()
		u.send("lobby", "hi")
		for i, p := range s.peers {
			if want := (handshake{token: w.issued[i], protocols: "roomcast," + w.issued[i]}); p.handshake != want {
				t.Errorf("said %+v, want %+v", p.handshake, want)
			}
		}
		if len(s.peers) != 2 || w.issued[0] == w.issued[1] {
			t.Errorf("%d connections with %q, want a fresh token for each", len(s.peers), w.issued)
		}
	})
}

func TestTokenInTheQuery(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Hour}
		u := connect(t, s, w.use, func(o *roomcastclient.Options) {
			o.TokenInQuery = true
			o.URL = "ws://fake/?roomId=lobby"
		})
		u.join("lobby")
		if said := s.peers[0].handshake; said.query != "roomId=lobby&token="+w.issued[0] || said.protocols != "" {
			t.Errorf("said %+v", said)
		}
	})
}

// A refused handshake is retried with another token after the usual backoff, and
// no error holds a token.
func TestRefusedHandshakeIsRetriedWithANewToken(t *testing.T) {
	for name, inQuery := range map[string]bool{"as a subprotocol": false, "in the query": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				w := &tokenSource{server: s, next: func() (string, error) { return "forged.forged.forged", nil }}
				u := connect(t, s, w.use, func(o *roomcastclient.Options) { o.TokenInQuery = inQuery })
				sleep(10 * time.Minute)
				if n := len(s.dials); n < 30 || n > 120 || n != len(w.issued) {
					t.Errorf("%d attempts with %d tokens in 10 minutes, want about 60", n, len(w.issued))
				}
				for _, text := range u.failures() {
					if strings.Contains(text, "forged") || !strings.Contains(text, "401") {
						t.Fatalf("got %q", text)
					}
				}
				s.locked(func() { w.next, w.lifetime = nil, time.Hour })
				u.join("lobby")
			})
		})
	}
}

// Options.Token returns an expired token again and again. The next one may be
// valid, so the client continues to try.
func TestTokenThatStaysExpired(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var token string
		w := &tokenSource{server: s, next: func() (string, error) {
			if token == "" {
				token = s.issue(time.Hour)
			}
			return token, nil
		}}
		u := connect(t, s, w.use)
		u.join("lobby")
		sleep(2 * time.Hour)
		before, _ := s.counts()
		sleep(10 * time.Minute)
		if n, _ := s.counts(); n-before < 30 || n-before > 120 {
			t.Errorf("%d attempts in 10 minutes, want about 60", n-before)
		}
		s.locked(func() { w.next, w.lifetime = nil, time.Hour })
		pass()
		s.say("lobby", "hi")
		u.got("lobby", "hi")
	})
}

func TestInvalidTokens(t *testing.T) {
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
			inBubble(t, func(t *testing.T, s *server) {
				w := &tokenSource{server: s, next: func() (string, error) { return c.token, c.err }}
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

// No token_expired is needed, and the connection stays.
func TestTokenIsReplacedBeforeItExpires(t *testing.T) {
	for _, c := range []struct{ holds, least, most time.Duration }{
		{30 * time.Minute, 30*time.Minute - 46*time.Second, 30*time.Minute - 30*time.Second},
		{20 * time.Second, 4 * time.Second, 10 * time.Second},
	} {
		t.Run(c.holds.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				w := &tokenSource{server: s, lifetime: c.holds}
				u := connect(t, s, w.use)
				u.join("lobby")
				start := time.Now()
				sleep(3 * c.holds)
				refreshes := s.requestsOf(protocol.ActionRefresh)
				if len(refreshes) < 3 {
					t.Fatalf("refreshed %d times in 3 times %v", len(refreshes), c.holds)
				}
				for i, r := range refreshes {
					// Tokens expire at whole seconds.
					if after := r.at.Sub(start); after < c.least || after > c.most || r.Token != w.issued[i+1] {
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

// An opaque token does not say when it expires, but the reply to the first refresh
// does.
func TestOpaqueToken(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s}
		s.locked(func() {
			w.next = func() (string, error) {
				token := strings.Repeat("x", len(w.issued)+1)
				s.tokens[token] = time.Now().Add(10 * time.Minute)
				return token, nil
			}
		})
		u := connect(t, s, w.use)
		u.join("lobby")
		sleep(10*time.Minute + time.Second)
		if n := len(s.requestsOf(protocol.ActionRefresh)); n != 0 {
			t.Fatalf("%d refreshes of a token that cannot be read", n)
		}
		u.send("lobby", "late")
		if n := len(s.requestsOf(protocol.ActionRefresh)); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
		sleep(9*time.Minute + 31*time.Second)
		if n := len(s.requestsOf(protocol.ActionRefresh)); n != 2 {
			t.Errorf("%d refreshes, want the second before the end", n)
		}
	})
}

// After that everything continues, each message once and in order.
func TestExpiredTokenIsReplacedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		u.join("office")
		synctest.Wait()
		s.locked(func() { s.peers[0].tokenExpires = time.Now() }) // sooner than it said
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
		if refreshes := s.requestsOf(protocol.ActionRefresh); len(refreshes) != 1 || len(w.issued) != 2 || len(s.dials) != 1 {
			t.Errorf("%d refreshes with %d tokens on %d connections, want one", len(refreshes), len(w.issued), len(s.dials))
		}
		sends := s.requestsOf(protocol.ActionSendMessage)
		if len(sends) != 4 || sends[0].ClientID != sends[1].ClientID {
			t.Errorf("sent %+v, want the first twice under one name", sends)
		}
	})
}

func TestCursorFindsAnExpiredToken(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() { s.peers[0].tokenExpires = time.Now() })
		if err := u.Room("lobby").MoveCursor(roomcastclient.TextPosition(1, 2), ""); err != nil {
			t.Fatal(err)
		}
		sleep(time.Second)
		if n := len(s.requestsOf(protocol.ActionRefresh)); n != 1 || len(u.failures()) > 0 {
			t.Errorf("%d refreshes, %q", n, u.failures())
		}
	})
}

// If that is rejected as well, another connection follows, with the usual backoff.
func TestRejectedTokenIsFollowedByOneMore(t *testing.T) {
	for name, good := range map[string]int{"the second is good": 2, "the third": 3, "none for a while": 60} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				w := &tokenSource{server: s, lifetime: time.Hour}
				u := connect(t, s, w.use)
				u.join("lobby")
				synctest.Wait()
				s.locked(func() {
					w.next = func() (string, error) {
						if len(w.issued) < good {
							return "forged", nil
						}
						return s.issue(time.Hour), nil
					}
				})
				s.locked(func() { s.peers[0].tokenExpires = time.Now() })
				start := time.Now()
				if _, err := u.Room("lobby").Send(t.Context(), "hi"); good < 60 && err != nil || good == 60 && roomcastclient.CodeOf(err) != "token_expired" {
					t.Error(err)
				}
				refreshes := s.requestsOf(protocol.ActionRefresh)
				if len(refreshes) != 2 || refreshes[1].at.Sub(refreshes[0].at) < 10*time.Second {
					t.Errorf("refreshed at %v, want twice and not at once", refreshes)
				}
				if dials := len(s.dials); good == 2 && dials != 1 || good == 3 && dials != 2 {
					t.Errorf("%d handshakes", dials)
				}
				if failures := u.failures(); len(failures) == 0 || !strings.Contains(failures[0], "bad_token") {
					t.Errorf("reported %q, want bad_token", failures)
				}
				if took := time.Since(start); len(w.issued) > 3+int(took/time.Second)/3 {
					t.Errorf("asked for %d tokens in %v", len(w.issued), took)
				}
			})
		})
	}
}

func TestTokenServiceThatFailsIsCalledAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Minute}
		u := connect(t, s, w.use)
		u.join("lobby")
		synctest.Wait()
		s.locked(func() {
			w.next = func() (string, error) {
				if len(w.issued) < 4 {
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

// Without Options.Token the URL may hold a token, and the next URL a newer one.
func TestExpiredTokenInTheURLReconnects(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.URLFunc = func(context.Context) (url string, err error) {
				s.locked(func() { url = "ws://fake/?token=" + s.issue(time.Minute) })
				return url, nil
			}
		})
		u.join("lobby")
		sleep(time.Minute)
		u.send("lobby", "hi")
		if len(s.dials) != 2 || len(s.requestsOf(protocol.ActionRefresh)) > 0 {
			t.Errorf("%d handshakes, want 2", len(s.dials))
		}
	})
}

// The rooms are left, pending calls to them fail, and they are not joined again
// before Join is called.
func TestNewTokenThatPermitsFewerRooms(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		w := &tokenSource{server: s, lifetime: time.Hour}
		u := connect(t, s, w.use)
		u.join("lobby")
		u.join("tea")
		synctest.Wait()
		var answer func() // to the refresh
		s.locked(func() {
			s.revoked = []string{"tea", "never joined"}
			s.peers[0].tokenExpires = time.Now()
			s.script = func(p *peer, r request) bool {
				if r.Action == protocol.ActionRefresh {
					answer = func() { s.refresh(p, r) }
				}
				return r.Action == protocol.ActionRefresh
			}
		})
		failed := make(chan error, 3)
		for _, text := range []string{"1", "2"} {
			go func() { _, err := u.Room("tea").Send(t.Context(), text); failed <- err }()
		}
		go func() { _, err := u.Room("tea").Presence(t.Context()); failed <- err }()
		synctest.Wait() // all of them are pending
		s.locked(func() { s.script = nil; answer() })
		for range cap(failed) {
			var e *roomcastclient.Error
			if err := <-failed; !errors.As(err, &e) || e.Code != "forbidden" {
				t.Errorf("got %v, want forbidden", err)
			}
		}
		synctest.Wait()
		if want := []string{`tea: forbidden: the new token does not permit the room "tea"`}; !slices.Equal(u.left, want) {
			t.Errorf("reported %q, want %q", u.left, want)
		}
		s.locked(s.cutAll)
		pass()
		joins := s.requestsOf(protocol.ActionJoin)
		if last := joins[len(joins)-1]; len(joins) != 3 || last.RoomID != "lobby" {
			t.Errorf("joined %+v, want the lobby again and nothing else", joins)
		}
		u.join("tea")
		u.send("tea", "hi")
	})
}
