package engines_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// A web page that finds an engine's port can neither call it nor get leave to.
func TestEnginesRefuseWebPages(t *testing.T) {
	t.Parallel()
	for _, kind := range []engines.Kind{engines.DynamoDB, engines.SQS} {
		e := start(t, kind)
		for _, tt := range []struct{ name, method, origin, host string }{
			{"a page's call", http.MethodPost, "https://example.com", ""},
			{"a page's preflight", http.MethodOptions, "https://example.com", ""},
			{"a local file's call", http.MethodPost, "null", ""},
			{"a name that leads here", http.MethodGet, "", "example.com:80"},
			{"no port", http.MethodGet, "", "localhost"},
		} {
			t.Run(string(kind)+", "+tt.name, func(t *testing.T) {
				r, err := http.NewRequestWithContext(t.Context(), tt.method, e.Endpoint(), strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				r.Host = tt.host
				if tt.origin != "" {
					r.Header.Set("Origin", tt.origin)
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if leave := answer.Header.Get("Access-Control-Allow-Origin"); answer.StatusCode != http.StatusForbidden || leave != "" {
					t.Errorf("answer %s with Access-Control-Allow-Origin %q", answer.Status, leave)
				}
			})
		}
	}
}
