package functions_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A web page that finds the port of a Runtime API does not get at its events.
func TestTheRuntimeAPIRefusesWebPages(t *testing.T) {
	t.Parallel()
	f := newFunction(t, "environment", nil)
	var environment []string
	if err := json.Unmarshal(invoke(t, f, `{}`).Payload, &environment); err != nil {
		t.Fatal(err)
	}
	var address string
	for _, variable := range environment {
		if value, ok := strings.CutPrefix(variable, "AWS_LAMBDA_RUNTIME_API="); ok {
			address = value
		}
	}
	for _, tt := range []struct {
		name, origin, host string
		status             int
	}{
		{"nobody's", "", "", http.StatusNotFound},
		{"a page's", "https://example.com", "", http.StatusForbidden},
		{"a local file's", "null", "", http.StatusForbidden},
		{"a name that leads here", "", "example.com", http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/nowhere", nil)
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
			if answer.StatusCode != tt.status {
				t.Errorf("answer %s, want %d", answer.Status, tt.status)
			}
		})
	}
}
