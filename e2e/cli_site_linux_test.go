package e2e_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// A page on its own dev server needs tokens too, so they are served without the
// demo page.
func TestUpWithoutASiteServesTokens(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", guarded, "--no-site")
	get := func(address string) (int, string) {
		response, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(body)
	}
	status, token := get(u.ready.TokenURL + "ada")
	if status != http.StatusOK || u.ready.SiteURL != "" {
		t.Fatalf("%s answers %d %s; the page is at %q", u.ready.TokenURL, status, token, u.ready.SiteURL)
	}
	conn, _, err := websocket.Dial(t.Context(), u.ready.WebSocketURL+"?roomId=lobby&token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	root := strings.TrimSuffix(u.ready.CallbackURL, "/prod") + "/"
	if status, body := get(root); status != http.StatusForbidden || strings.TrimSpace(body) != `{"message":"Forbidden"}` {
		t.Errorf("%s answers %d %s, want 403", root, status, body)
	}
	if status, body := get(root + "_roomcast/config.json"); status != http.StatusOK || !strings.Contains(body, u.ready.WebSocketURL) {
		t.Errorf("the configuration is %d %s", status, body)
	}
}
