package roomcastclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// secret is a token and a password. Nothing else in an error looks like it.
const secret = "s3cr.3t/+%20k3y"

// refusedAttempts returns the errors of the first attempts to connect.
func refusedAttempts(t *testing.T, o roomcastclient.Options, n int) []*roomcastclient.ConnectError {
	t.Helper()
	reported := make(chan error, 100)
	o.RetryBase, o.RetryMax = time.Millisecond, time.Millisecond
	o.OnError = func(err error) { reported <- err }
	c, err := roomcastclient.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var refused []*roomcastclient.ConnectError
	for range n {
		var e *roomcastclient.ConnectError
		if err := <-reported; !errors.As(err, &e) {
			t.Fatalf("got %v, want a ConnectError", err)
		}
		refused = append(refused, e)
	}
	return refused
}

// tellsNothing fails the test if an error, or one that it wraps, holds a secret.
func tellsNothing(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, text := range []string{fmt.Sprintf("%v", e), fmt.Sprintf("%+v", e), fmt.Sprintf("%#v", e)} {
			if strings.Contains(text, "s3cr") || strings.Contains(text, "k3y") {
				t.Errorf("%T holds a secret: %s", e, text)
			}
		}
	}
}

// A handshake holds a token.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer plain.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"without TLS": plain.URL + "/prod?token=" + url.QueryEscape(secret),
			"of any kind": strings.Replace(plain.URL, "http://", "ws://user:"+url.PathEscape(secret)+"@", 1),
			"a path":      "/elsewhere?token=" + url.QueryEscape(secret),
			"none":        "",
		} {
			for _, inQuery := range []bool{false, true} {
				server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if location != "" {
						w.Header().Set("Location", location)
					}
					w.WriteHeader(status)
				}))
				client := server.Client()
				client.CheckRedirect = func(*http.Request, []*http.Request) error { return nil } // follows all
				token := "s3cr.k3y"
				if inQuery {
					token = secret
				}
				e := refusedAttempts(t, roomcastclient.Options{
					URL:          strings.Replace(server.URL, "https", "wss", 1),
					Token:        func(context.Context) (string, error) { return token, nil },
					TokenInQuery: inQuery,
					HTTPClient:   client,
				}, 1)[0]
				server.Close()
				if e.Status != status || !strings.Contains(e.Error(), "redirects to") {
					t.Errorf("%d %s: got %v", status, name, e)
				}
				if to, _ := url.Parse(location); to.Host != "" && !strings.Contains(e.Error(), to.Host) {
					t.Errorf("%d %s: got %v, want the host in it", status, name, e)
				}
				tellsNothing(t, e)
			}
		}
	}
	if reached.Load() > 0 {
		t.Errorf("%d redirects were followed", reached.Load())
	}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = fmt.Fprintf(w, "%s %s %s", r.URL, r.Header["Sec-Websocket-Protocol"], r.Header["Authorization"])
	}))
	defer echo.Close()
	strange := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, out, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = fmt.Fprintf(out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
			r.URL.Query().Get("token"), r.URL.RawQuery)
		_ = out.Flush()
	}))
	defer strange.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	query := "?token=" + url.QueryEscape(secret) + "&userId=ada"
	user := "user:" + url.PathEscape(secret) + "@"
	for name, address := range map[string]string{
		"an answer that repeats it":      "ws://" + user + echo.Listener.Addr().String() + "/" + query,
		"an answer that is not a socket": "ws://" + strange.Listener.Addr().String() + "/" + query,
		"no TLS":                         "wss://" + user + echo.Listener.Addr().String() + "/" + query,
		"TLS":                            "ws://" + user + secure.Listener.Addr().String() + "/" + query,
		"a certificate":                  "wss://" + user + secure.Listener.Addr().String() + "/" + query,
		"nothing there":                  "ws://" + user + "127.0.0.1:1/" + query,
		"no host":                        "ws://" + user + "roomcast.invalid/" + query,
		"no such port":                   "ws://" + user + "host:99999999/" + query,
		"a bad port":                     "ws://host:" + secret + "/" + query,
		"a bad userinfo":                 "ws://us er:" + secret + "@host/" + query,
		"a bad escape":                   "ws://host/%s3cr-k3y" + query,
		"a bad scheme":                   "ftp://" + user + "host/" + query,
		"no scheme":                      user + "host/" + query,
		"a control character":            "ws://host/\x7f" + query,
		"a bad host":                     "ws://[s3cr.k3y/" + query,
	} {
		for _, options := range []roomcastclient.Options{
			{},
			{Token: func(context.Context) (string, error) { return "s3cr.k3y", nil }},
			{Token: func(context.Context) (string, error) { return secret, nil }, TokenInQuery: true},
			{Token: func(context.Context) (string, error) { return secret + "\n", nil }},
			{HTTPClient: &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
				return nil, errors.New(`invalid proxy address "http://user:s3cr.k3y@proxy:x"`)
			}}}},
		} {
			options.URLFunc = func(context.Context) (string, error) { return address, nil }
			for _, e := range refusedAttempts(t, options, 3) {
				tellsNothing(t, e)
				if t.Failed() {
					t.Fatalf("%s: %v", name, e)
				}
			}
		}
	}
}

func TestNetworkErrorsCanBeUnwrapped(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	e := refusedAttempts(t, roomcastclient.Options{
		URL:   strings.Replace(secure.URL, "https", "wss", 1),
		Token: func(context.Context) (string, error) { return "t.o.k", nil },
	}, 1)[0]
	var verify *tls.CertificateVerificationError
	if !errors.As(e, &verify) || e.Host != secure.Listener.Addr().String() || e.Status != 0 {
		t.Errorf("got %v, want a CertificateVerificationError", e)
	}
}
