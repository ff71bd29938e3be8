package roomcastclient_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// The error of every attempt holds the status and what the response says, and from
// the third attempt on a hint.
func TestConnectErrorSaysWhy(t *testing.T) {
	t.Parallel()
	token := func(context.Context) (string, error) { return "to.k.en", nil }
	for name, c := range map[string]struct {
		status       int
		body         string
		token        func(context.Context) (string, error)
		reason, hint string
	}{
		"no token":      {401, `{"message":"Unauthorized"}`, nil, "401 Unauthorized", "set Options.Token"},
		"a wrong token": {401, `{"message":"Unauthorized"}`, token, "401 Unauthorized", "iss and aud"},
		"no stage":      {403, `{"message":"Forbidden"}`, token, "403 Forbidden", "lacks the stage"},
		"the room":      {403, `{"message":"the token does not permit to join"}`, token, "403 Forbidden: the token does not permit to join", "permit the room"},
		"no user":       {400, "userId: is missing", nil, "400 Bad Request: userId: is missing", "set Options.UserID"},
		"a web server":  {200, "<!doctype html><p>hello", nil, "200 OK: an HTML page", "not a WebSocket API"},
		"no such path":  {404, "404 page not found\n", nil, "404 Not Found: 404 page not found", "not a WebSocket API"},
		"a long URL":    {414, "", token, "414 Request URI Too Long", "unset Options.TokenInQuery"},
		"too many":      {429, `{"message":"Too Many Requests"}`, token, "429 Too Many Requests", "limit of connections"},
		"a redirect":    {302, "", nil, "302 Found: it redirects to nowhere", "if you trust it"},
		"broken":        {500, `{"message":"Internal server error","connectionId":"x"}`, token, "500 Internal Server Error: Internal server error", ""},
		"control codes": {502, "a\x1b[31m\r\n\tb\xff" + strings.Repeat("x", 2000), nil, "502 Bad Gateway: a [31m b " + strings.Repeat("x", 100), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}))
			defer server.Close()
			refused := refusedAttempts(t, roomcastclient.Options{
				URL:   strings.Replace(server.URL, "http", "ws", 1) + "/prod",
				Token: c.token,
			}, 4)
			for i, e := range refused {
				if e.Status != c.status || e.Attempts != i+1 || !strings.Contains(e.Error(), c.reason) || len(e.Error()) > 700 {
					t.Errorf("attempt %d: got %+v, %v", i+1, *e, e)
				}
				if reported := e.Hint != ""; reported != (i >= 2 && c.hint != "") || reported && !strings.Contains(e.Error(), c.hint) {
					t.Errorf("attempt %d: got the hint %q, want %q from the third on", i+1, e.Hint, c.hint)
				}
			}
		})
	}
}

// An attempt without a response has a hint, too.
func TestConnectErrorWithoutAResponse(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	dial := func(err error) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}}
	}
	for name, c := range map[string]struct {
		url    string
		client *http.Client
		token  func(context.Context) (string, error)
		hint   string
	}{
		"no such host":      {"wss://abc.example/prod", dial(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "abc.example", IsNotFound: true}}), nil, "no such host"},
		"nothing listens":   {"ws://127.0.0.1:1/local", nil, nil, "nothing listens there"},
		"no TLS":            {strings.Replace(plain.URL, "http", "wss", 1), nil, nil, "does not use TLS"},
		"unknown authority": {strings.Replace(secure.URL, "https", "wss", 1), nil, nil, "not trusted"},
		"another host":      {"wss://abc.example/prod", dial(&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "abc.example", Certificate: secure.Certificate()}}), nil, "another host"},
		"no scheme":         {"abc.example/prod", nil, nil, "what Options.URLFunc returns"},
		"no URL":            {"", nil, nil, "what Options.URLFunc returns"},
		"a bad port":        {"ws://h:x", nil, nil, "what Options.URLFunc returns"},
		"some other error":  {"ws://h/", dial(errors.New("the cable is cut")), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := refusedAttempts(t, roomcastclient.Options{
				URLFunc: func(context.Context) (string, error) { return c.url, nil }, HTTPClient: c.client, Token: c.token,
			}, 3)[2]
			if e.Status != 0 || !strings.Contains(e.Hint, c.hint) || (c.hint == "") != (e.Hint == "") {
				t.Errorf("got %v, want the hint %q", e, c.hint)
			}
		})
	}
}

// The gateway of a local run says what the response to a handshake does not.
func TestConnectErrorAsksTheLocalGateway(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/_roomcast/refusal" && r.URL.Query().Get("path") == "/local":
			_, _ = w.Write([]byte(`{"status":401,"reason":"the token is refused: audience, of s3cr.3t"}`))
		default:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"message":"Unauthorized"}`))
		}
	}))
	t.Cleanup(server.Close)
	e := refusedAttempts(t, roomcastclient.Options{
		URL:   strings.Replace(server.URL, "http", "ws", 1) + "/local",
		Token: func(context.Context) (string, error) { return "s3cr.3t", nil },
	}, 1)[0]
	if e.Status != 401 || e.Reason != "the token is refused: audience, of …" {
		t.Errorf("got %+v", *e)
	}
}

// An option that hangs blocks neither the calls nor Close.
func TestOptionFunctionThatHangs(t *testing.T) {
	for name, change := range map[string]func(o *roomcastclient.Options, hang func(context.Context) (string, error)){
		"Options.URLFunc": func(o *roomcastclient.Options, hang func(context.Context) (string, error)) { o.URLFunc = hang },
		"Options.Token":   func(o *roomcastclient.Options, hang func(context.Context) (string, error)) { o.Token = hang },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				release := make(chan struct{})
				defer close(release)
				u := connect(t, s, func(o *roomcastclient.Options) {
					change(o, func(context.Context) (string, error) { <-release; return "", errors.New("too late") })
				})
				if _, err := u.Room("lobby").Join(t.Context()); roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want timeout and why", err)
				}
				if reported := u.failures(); len(reported) < 2 || !strings.Contains(reported[0], name+" did not return in time") {
					t.Errorf("reported %q", reported)
				}
				start := time.Now()
				_ = u.Close()
				if took := time.Since(start); took > time.Second {
					t.Errorf("Close took %v", took)
				}
			})
		})
	}
}

func TestAttemptsCountFromTheLastConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		for range 2 {
			u.join("lobby")
			s.locked(func() { s.refuse = true; s.cutAll() })
			sleep(time.Minute)
			s.locked(func() { s.refuse = false })
			pass()
		}
		first := 0
		for _, err := range u.errors {
			if e, ok := err.(*roomcastclient.ConnectError); ok && e.Attempts == 1 {
				first++
			}
		}
		if first != 2 {
			t.Errorf("reported %q, want the attempts counted from 1 again", u.failures())
		}
	})
}

// No client retries forever in silence.
func TestFailuresAreLoggedWithoutOnError(t *testing.T) { // not parallel: it sets the log
	var log bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	var client atomic.Pointer[user]
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if u := client.Load(); u != nil {
				u.State() // a handler may use the client
			}
			return a
		},
	})))
	inBubbleSerial(t, func(t *testing.T, s *server) {
		s.refuse = true
		client.Store(connect(t, s, func(o *roomcastclient.Options) {
			o.OnError = nil
			o.Token = func(context.Context) (string, error) { return "s3cr.3t", nil }
		}))
		sleep(time.Hour)
		if n := strings.Count(log.String(), "cannot connect"); n < 4 || n > 10 {
			t.Errorf("it was logged %d times in an hour:\n%s", n, log.String())
		}
		if !strings.Contains(log.String(), "503 Service Unavailable") || strings.Contains(log.String(), "s3cr") {
			t.Errorf("the log has\n%s", log.String())
		}
		// A server that closes connections at once is reported, too.
		log.Reset()
		s.locked(func() {
			s.refuse = false
			s.closing = true
		})
		sleep(time.Hour)
		if n := strings.Count(log.String(), "lost right after they open"); n < 4 || n > 10 {
			t.Errorf("it was logged %d times in an hour:\n%s", n, log.String())
		}
	})
}
