package site_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/site"
)

// ask requests a path of the site, with this host and these headers.
func ask(s *site.Site, method, path, host string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	r.Header = header
	if header == nil {
		r.Header = http.Header{}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := site.New(t.TempDir())
	s.SetStack(site.Stack{WebSocketURL: "ws://127.0.0.1:1/prod", Mint: func(userID string) (string, error) {
		if userID == "nobody" {
			return "", errors.New("the secret is gone")
		}
		return "token of " + userID, nil
	}})
	const here = "127.0.0.1:1"
	if config := ask(s, "GET", "/_roomcast/config.json", here, nil).Body.String(); !strings.Contains(config, `"auth":"token"`) {
		t.Errorf("the configuration is %s", config)
	}
	for _, c := range []struct {
		name, method, path, host string
		header                   http.Header
		status                   int
		body                     string
	}{
		{"a user", "GET", "?userId=ada", here, nil, 200, "token of ada"},
		{"the page itself", "GET", "?userId=ada+l", here, http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200, "token of ada l"},
		{"no user", "GET", "", here, nil, 400, "userId"},
		{"an invalid name", "GET", "?userId=%00", here, nil, 400, "userId"},
		{"what cannot be minted", "GET", "?userId=nobody", here, nil, 500, "the secret is gone"},
		{"another page", "GET", "?userId=ada", here, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, "only for this machine"},
		{"a page of another port", "GET", "?userId=ada", here, http.Header{"Origin": {"http://127.0.0.1:2"}}, 403, "only for this machine"},
		{"a name that leads here", "GET", "?userId=ada", "rebound.example", nil, 403, "only for this machine"},
		{"a form", "POST", "?userId=ada", here, nil, 405, ""},
	} {
		w := ask(s, c.method, site.TokenPath+c.path, c.host, c.header)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %s, want %d %s", c.name, w.Code, w.Body, c.status, c.body)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" || w.Code == 200 && w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", c.name, w.Header())
		}
	}
}

// There are no tokens if the stack requires none, or while it starts.
func TestNoTokens(t *testing.T) {
	t.Parallel()
	s := site.New(t.TempDir())
	for range 2 {
		if w := ask(s, "GET", site.TokenPath+"?userId=ada", "127.0.0.1:1", nil); w.Code != 404 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		s.SetStack(site.Stack{WebSocketURL: "ws://127.0.0.1:1/prod"})
	}
}
