package site_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/site"
)

func TestSite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("<h1>page</h1>"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := site.New(dir)
	get := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code, w.Body.String()
	}
	if code, _ := get("/_roomcast/config.json"); code != 503 {
		t.Errorf("configuration before the start: %d", code)
	}
	s.SetStack(site.Stack{WebSocketURL: "ws://127.0.0.1:1/prod"})
	if code, body := get("/_roomcast/config.json"); code != 200 || strings.TrimSpace(body) != `{"auth":"open","webSocketUrl":"ws://127.0.0.1:1/prod"}` {
		t.Errorf("configuration: %d %s", code, body)
	}
	if code, body := get("/"); code != 200 || body != "<h1>page</h1>" {
		t.Errorf("page: %d %s", code, body)
	}
	if code, _ := get("/../site.go"); code == 200 {
		t.Error("a file outside the folder was served")
	}
}

// Without a page, the site still serves what a page elsewhere needs.
func TestSiteWithoutAPage(t *testing.T) {
	t.Parallel()
	s := site.New("")
	s.SetStack(site.Stack{WebSocketURL: "ws://127.0.0.1:1/prod", Mint: func(userID string) (string, error) { return "token of " + userID, nil }})
	for path, want := range map[string]string{
		"/_roomcast/config.json":       `{"auth":"token","webSocketUrl":"ws://127.0.0.1:1/prod"}`,
		site.TokenPath + "?userId=ada": "token of ada",
		"/":                            `{"message":"Forbidden"}`,
		"/internal/site/site.go":       `{"message":"Forbidden"}`,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Host = "localhost:5173" // a dev server that passes the request on
		s.ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); got != want || (w.Code == 403) != strings.Contains(want, "Forbidden") {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
	}
}
