package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// methodARN is the ARN of the handshake that an authorizer of a test's API decides
// about.
const methodARN = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/prod/$connect"

// decision is an authorizer's result for one effect and resource.
func decision(effect, resource string) string {
	return fmt.Sprintf(`{"principalId":"ada","policyDocument":{"Version":"2012-10-17","Statement":[`+
		`{"Action":"execute-api:Invoke","Effect":%q,"Resource":%q}]}}`, effect, resource)
}

// failsWith is a function that throws.
func failsWith(payload string) Invoker {
	return invokerFunc(func(context.Context, []byte) ([]byte, error) {
		return nil, &FunctionError{Function: "authorizer", Payload: []byte(payload)}
	})
}

// guarded is a $connect route with an authorizer.
func guarded(authorizer Invoker, sources ...string) Route {
	return Route{Key: routeConnect, Authorizer: &Authorizer{Target: authorizer, IdentitySources: sources}}
}

func TestAuthorizerDecidesTheHandshake(t *testing.T) {
	t.Parallel()
	statements := func(s string) string {
		return `{"principalId":"ada","policyDocument":{"Version":"2012-10-17","Statement":` + s + `}}`
	}
	const allow = `{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}`
	tests := []struct {
		name       string
		authorizer Invoker
		want       int
	}{
		{"allow this ARN", answers(decision("Allow", methodARN)), 101},
		{"allow everything", answers(decision("Allow", "*")), 101},
		{"allow a pattern", answers(decision("Allow", "arn:aws:execute-api:*:*:*/*/$conn?ct")), 101},
		{"allow the stage", answers(decision("Allow", "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/prod/*")), 101},
		{"allow another stage", answers(decision("Allow", "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/dev/*")), 403},
		{"allow another API", answers(decision("Allow", "arn:aws:execute-api:us-east-1:000000000000:zzzzzzzzzz/*")), 403},
		{"deny", answers(decision("Deny", methodARN)), 403},
		{"deny wins", answers(statements(`[` + allow + `,{"Action":"*","Effect":"Deny","Resource":"*"}]`)), 403},
		{"deny of something else", answers(statements(`[` + allow + `,{"Action":"execute-api:ManageConnections","Effect":"Deny","Resource":"*"}]`)), 101},
		{"no statement", answers(statements(`[]`)), 403},
		{"one statement, not in a list", answers(statements(allow)), 101},
		{"lists of actions and resources", answers(statements(
			`[{"Action":["sqs:SendMessage","execute-api:*"],"Effect":"Allow","Resource":["arn:aws:sqs:*","` + methodARN + `"]}]`)), 101},
		{"action in another case", answers(statements(`[{"Action":"Execute-API:invoke","Effect":"Allow","Resource":"*"}]`)), 101},
		{"another action", answers(statements(`[{"Action":"execute-api:ManageConnections","Effect":"Allow","Resource":"*"}]`)), 403},
		{"condition that holds", answers(statements(
			`[{"Action":"*","Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}]`)), 101},
		{"condition that does not", answers(statements(
			`[{"Action":"*","Effect":"Allow","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]`)), 403},
		{"condition that is not known", answers(statements(
			`[{"Action":"*","Effect":"Allow","Resource":"*","Condition":{"Odd":{"aws:SourceIp":"x"}}}]`)), 500},
		{"throws Unauthorized", failsWith(`{"errorMessage":"Unauthorized","errorType":"Error"}`), 401},
		{"throws something else", failsWith(`{"errorMessage":"Unauthorized.","errorType":"Error"}`), 500},
		{"throws no object", failsWith(`"Unauthorized"`), 500},
		{"cannot be invoked", invokerFunc(func(context.Context, []byte) ([]byte, error) { return nil, errors.New("no permission") }), 500},
		{"null", answers(`null`), 500},
		{"not JSON", answers(`ok`), 500},
		{"a simple response of HTTP APIs", answers(`{"isAuthorized":true}`), 500},
		{"no principal", answers(`{"policyDocument":{"Statement":[` + allow + `]}}`), 500},
		{"principal is a number", answers(`{"principalId":1,"policyDocument":{"Statement":[` + allow + `]}}`), 500},
		{"no policy", answers(`{"principalId":"ada"}`), 500},
		{"policy without effect", answers(statements(`[{"Action":"*","Resource":"*"}]`)), 500},
		{"policy without action", answers(statements(`[{"Effect":"Allow","Resource":"*"}]`)), 500},
		{"context with an object", answers(strings.Replace(decision("Allow", "*"), `{`, `{"context":{"a":{}},`, 1)), 500},
		{"context with a list", answers(strings.Replace(decision("Allow", "*"), `{`, `{"context":{"a":[1]},`, 1)), 500},
		{"just 8 KB", answers(padded(decision("Allow", "*"), 8<<10)), 101},
		{"over 8 KB", answers(padded(decision("Allow", "*"), 8<<10+1)), 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connected := make(chan string, 1)
			route := guarded(tt.authorizer)
			route.Target = records(connected)
			api := start(t, route)
			_, response, err := api.dial(t, "", nil)
			if response == nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want {
				t.Errorf("status %d, want %d", response.StatusCode, tt.want)
			}
			if ran := len(connected) > 0; ran != (tt.want == 101) {
				t.Errorf("$connect ran: %v", ran)
			}
			if tt.want == 101 {
				return
			}
			body, err := io.ReadAll(response.Body)
			if err != nil || !strings.Contains(string(body), `"connectionId":"`) {
				t.Errorf("body %q, %v", body, err)
			}
		})
	}
}

// padded makes a JSON text n bytes long.
func padded(text string, n int) string { return text + strings.Repeat(" ", n-len(text)) }

func TestAuthorizerIsAskedForEveryHandshake(t *testing.T) {
	t.Parallel()
	asked := make(chan bool, 10)
	authorizer := invokerFunc(func(context.Context, []byte) ([]byte, error) {
		asked <- true
		return []byte(decision("Allow", "*")), nil
	})
	api := start(t, guarded(authorizer, "route.request.querystring.token"))
	for range 3 {
		if _, _, err := api.dial(t, "?token=same", nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(asked) != 3 {
		t.Errorf("invoked %d times for 3 handshakes", len(asked))
	}
}

// The authorizer's result is in the events of $connect, of messages and of
// $disconnect, with all values as strings.
func TestAuthorizerContextReachesEveryEvent(t *testing.T) {
	t.Parallel()
	result := strings.Replace(decision("Allow", "*"), `{`,
		`{"context":{"role":"admin","level":7,"ratio":1.50,"big":12345678901234567890,"beta":true,"none":null,"quote":"a\"b"},`, 1)
	want := map[string]string{
		"principalId": "ada", "role": "admin", "level": "7", "ratio": "1.50", "big": "12345678901234567890", "beta": "true", "quote": `a"b`,
	}
	seen := make(chan string, 10)
	route := guarded(answers(result))
	route.Target = records(seen)
	api := start(t, route, Route{Key: "$default", Target: records(seen)})
	c := api.connect(t)
	events := []string{receive(t, seen)}
	write(t, c, "hello")
	events = append(events, receive(t, seen))
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	events = append(events, receive(t, api.disconnected))
	for _, raw := range events {
		var e struct {
			RequestContext struct {
				EventType  string
				Authorizer map[string]any
			}
		}
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			t.Fatal(err)
		}
		got := e.RequestContext.Authorizer
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %#v, want %q", e.RequestContext.EventType, name, got[name], value)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: authorizer is %v", e.RequestContext.EventType, got)
		}
	}
}

func TestAuthorizerEvent(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	authorizer := invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		seen <- string(event)
		return []byte(decision("Allow", "*")), nil
	})
	api := startWith(t, Config{StageVariables: map[string]string{"region": "eu"}}, guarded(authorizer))
	if _, _, err := api.dial(t, "?token=a&token=b%20c", http.Header{"User-Agent": {"test/1"}, "X-Custom": {"one"}}); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "authorizer", receive(t, seen))
}

func TestAuthorizerRefusedByNew(t *testing.T) {
	t.Parallel()
	allows := answers(decision("Allow", "*"))
	tests := []struct {
		name  string
		route Route
		want  string
	}{
		{"on another route", Route{Key: "join", Authorizer: &Authorizer{Target: allows}}, "only $connect can have an authorizer"},
		{"IAM on another route", Route{Key: "$default", IAM: true}, "only $connect can have an authorizer"},
		{"no function", Route{Key: "$connect", Authorizer: &Authorizer{}}, "invalid authorizer: expected a function"},
		{"source of HTTP APIs", guarded(allows, "$request.header.Authorization"), "expected route.request.header.NAME"},
		{"source without a name", guarded(allows, "route.request.header."), "expected route.request.header.NAME"},
	}
	for _, tt := range tests {
		_, err := New(Config{Stage: "prod", RouteSelection: "$request.body.action", Routes: map[string]Route{tt.route.Key: tt.route}})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error is %v, want one with %q", tt.name, err, tt.want)
		}
	}
}
