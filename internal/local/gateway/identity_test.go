package gateway

import (
	"context"
	"net/http"
	"testing"
)

func TestIdentitySources(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		sources []string
		query   string
		header  http.Header
		want    int
	}{
		{"none asked for", nil, "", nil, 101},
		{"query", []string{"route.request.querystring.token"}, "?token=x", nil, 101},
		{"query missing", []string{"route.request.querystring.token"}, "?Token=x", nil, 401},
		{"query empty", []string{"route.request.querystring.token"}, "?token=", nil, 401},
		{"header", []string{"route.request.header.Auth"}, "", http.Header{"Auth": {"x"}}, 101},
		{"header in another case", []string{"route.request.header.AUTH"}, "", http.Header{"Auth": {"x"}}, 101},
		{"header missing", []string{"route.request.header.Auth"}, "", nil, 401},
		{"both", []string{"route.request.header.Auth", "route.request.querystring.token"}, "?token=x", http.Header{"Auth": {"x"}}, 101},
		{"one of two", []string{"route.request.header.Auth", "route.request.querystring.token"}, "?token=x", nil, 401},
		{"stage variable", []string{"stageVariables.region"}, "", nil, 101},
		{"stage variable missing", []string{"stageVariables.other"}, "", nil, 401},
		{"context", []string{"context.identity.sourceIp"}, "", nil, 101},
		{"context missing", []string{"context.identity.caller"}, "", nil, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan bool, 10)
			authorizer := invokerFunc(func(context.Context, []byte) ([]byte, error) {
				asked <- true
				return []byte(decision("Allow", "*")), nil
			})
			api := startWith(t, Config{StageVariables: map[string]string{"region": "eu"}}, guarded(authorizer, tt.sources...))
			_, response, err := api.dial(t, tt.query, tt.header)
			if response == nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want {
				t.Errorf("status %d, want %d", response.StatusCode, tt.want)
			}
			if invoked := len(asked) > 0; invoked != (tt.want == 101) {
				t.Errorf("the authorizer was invoked: %v", invoked)
			}
		})
	}
}
