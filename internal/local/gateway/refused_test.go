package gateway

import (
	"net/http"
	"strings"
	"testing"
)

// TestRefused: the hook of a refused handshake gets the reason that the client
// is not sent.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		route  Route
		status int
		reason string
	}{
		{"Roomcast's authorizer", guarded(failsWith(`{"errorMessage":"Unauthorized","errorType":"the token is refused: audience"}`)), 401, "the token is refused: audience"},
		{"another authorizer", guarded(failsWith(`{"errorMessage":"Unauthorized","errorType":"Error"}`)), 401, "the authorizer authorizer answered Unauthorized; its log may say why"},
		{"a policy", guarded(answers(decision("Deny", "*"))), 403, "policy does not allow"},
		{"an authorizer that fails", guarded(answers(`null`)), 500, "principalId"},
		{"no token", Route{Key: routeConnect, Authorizer: &Authorizer{Target: answers(`{}`), IdentitySources: []string{"route.request.querystring.token"}}},
			401, "the handshake has no route.request.querystring.token"},
		{"the function behind $connect", Route{Key: routeConnect, Target: answers(`{"statusCode":429,"body":"{\"message\":\"ada has 5 connections\"}"}`)}, 429, "ada has 5 connections"},
		{"one that says nothing", Route{Key: routeConnect, Target: answers(`{"statusCode":403}`)}, 403, "returned status 403"},
		{"one that fails", Route{Key: routeConnect, Target: failsWith(`{"errorMessage":"out of luck"}`)}, 502, "out of luck"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var status int
			var reason string
			api := startWith(t, Config{Refused: func(_ *http.Request, s int, why string) { status, reason = s, why }}, tt.route)
			_, response, _ := api.dial(t, "", nil)
			if response == nil || response.StatusCode != tt.status || status != tt.status || !strings.Contains(reason, tt.reason) {
				t.Errorf("refused with %d because of %q, want %d because of %q", status, reason, tt.status, tt.reason)
			}
		})
	}
}
