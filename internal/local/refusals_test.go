package local

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/gateway"
)

// TestRefusals: a page of this machine can ask why its handshake was refused,
// and no page of another origin can.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := &apiServer{gateways: map[string]*gateway.Gateway{"prod": nil}}
	handshake := httptest.NewRequest("GET", "http://localhost:8080/dev?userId=ada", nil)
	handshake.Header.Set("Upgrade", "websocket")
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, handshake)
	if answer.Code != http.StatusForbidden {
		t.Errorf("a handshake for no stage is answered %d, want 403 as AWS does", answer.Code)
	}

	ask := func(host, path, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://"+host+refusalPath+"?path="+path, nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		return answer
	}
	for _, origin := range []string{"", "http://localhost:5173", "http://127.0.0.1:8080", "https://app.localhost", "http://[::1]:3000"} {
		got := ask("localhost:8080", "/dev", origin)
		var last refused
		if err := json.Unmarshal(got.Body.Bytes(), &last); err != nil || last.Status != 403 || !strings.Contains(last.Reason, `unknown stage "dev": the API has prod`) {
			t.Errorf("origin %q: got %s, want the reason", origin, got.Body)
		}
		if allowed := got.Header().Get("Access-Control-Allow-Origin"); allowed != origin {
			t.Errorf("origin %q: allowed is %q", origin, allowed)
		}
	}
	for _, origin := range []string{"https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1.evil.example"} {
		if got := ask("localhost:8080", "/dev", origin); got.Code != http.StatusForbidden || got.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("origin %q: got %d %s, want 403", origin, got.Code, got.Body)
		}
	}
	if got := ask("rebound.example", "/dev", ""); got.Code == http.StatusOK {
		t.Errorf("a name of the internet that leads here gets %s", got.Body)
	}
	if got := ask("localhost:8080", "/prod", ""); got.Code != http.StatusNotFound {
		t.Errorf("where nothing was refused: got %d, want 404", got.Code)
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	t.Parallel()
	var f refusals
	for i := range 10 * maxRefusals {
		f.add(httptest.NewRequest("GET", "/"+strings.Repeat("x", i), nil), 403, "no")
	}
	if n := len(f.byPath); n > maxRefusals {
		t.Errorf("%d paths are remembered, want at most %d", n, maxRefusals)
	}
}
