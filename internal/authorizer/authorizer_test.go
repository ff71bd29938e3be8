package authorizer

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// handshake returns the event of a handshake with these query parameters and
// headers.
func handshake(query, headers map[string][]string) map[string]any {
	last := map[string]string{}
	for name, values := range query {
		last[name] = values[len(values)-1]
	}
	return map[string]any{
		"type": "REQUEST", "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abc/prod/$connect",
		"queryStringParameters": last, "multiValueQueryStringParameters": query, "multiValueHeaders": headers,
		"requestContext": map[string]any{"routeKey": "$connect", "connectionId": "c1", "identity": map[string]any{"sourceIp": "192.0.2.1"}},
	}
}

// frame returns the event of a frame of the route refresh.
func frame(body string) map[string]any {
	return map[string]any{"body": body, "requestContext": map[string]any{
		"routeKey": "refresh", "connectionId": "c1", "identity": map[string]any{"sourceIp": "192.0.2.1"},
	}}
}

type values = map[string][]string

// TestWhereTheTokenIs sends a token in every place that is allowed.
func TestWhereTheTokenIs(t *testing.T) {
	t.Parallel()
	good := mint(t, secret, nil)
	other := mint(t, secret, map[string]any{"sub": "bob"})
	protocols := func(all ...string) values { return values{"Sec-WebSocket-Protocol": all} }
	tests := []struct {
		name           string
		query, headers values
		want           string // why not, "" for ada
	}{
		{"nowhere", nil, nil, errNoToken.Error()},
		{"query", values{"token": {good}}, nil, ""},
		{"query, empty", values{"token": {""}}, nil, "malformed"},
		{"query, in another case", values{"Token": {good}}, nil, errNoToken.Error()},
		{"query, twice", values{"token": {other, good}}, nil, errAmbiguous.Error()},
		{"query, twice the same", values{"token": {good, good}}, nil, errAmbiguous.Error()},
		{"subprotocol", nil, protocols("roomcast, " + good), ""},
		{"subprotocol, the other way round", nil, protocols(good + ",roomcast"), ""},
		{"subprotocol, with more space", nil, protocols(" roomcast \t,\t " + good + " , "), ""},
		{"subprotocol, in two headers", nil, protocols("roomcast", good), ""},
		{"subprotocol, in another case", nil, values{"sec-websocket-protocol": {"roomcast, " + good}}, ""},
		{"subprotocol without roomcast", nil, protocols(good), errNoToken.Error()},
		{"subprotocol of another name", nil, protocols("graphql-ws, " + good), errNoToken.Error()},
		{"subprotocol without a token", nil, protocols("roomcast"), errNoToken.Error()},
		{"subprotocol with two tokens", nil, protocols("roomcast, " + good + ", " + other), errAmbiguous.Error()},
		{"subprotocol with another name", nil, protocols("roomcast, graphql-ws, " + good), errAmbiguous.Error()},
		{"bearer", nil, values{"Authorization": {"Bearer " + good}}, ""},
		{"bearer, in another case", nil, values{"authorization": {"bearer  " + good}}, ""},
		{"basic", nil, values{"Authorization": {"Basic " + good}}, errNoToken.Error()},
		{"two bearers", nil, values{"Authorization": {"Bearer " + good, "Bearer " + other}}, errAmbiguous.Error()},
		{"a bearer in two spellings", nil, values{"Authorization": {"Bearer " + good}, "authorization": {"Bearer " + other}}, errAmbiguous.Error()},
		{"everywhere", values{"token": {good}}, values{"Sec-WebSocket-Protocol": {"roomcast, " + good}, "Authorization": {"Bearer " + good}}, ""},
		{"query and subprotocol differ", values{"token": {good}}, protocols("roomcast, " + other), errAmbiguous.Error()},
		{"query and bearer differ", values{"token": {other}}, values{"Authorization": {"Bearer " + good}}, errAmbiguous.Error()},
		{"an empty one and another", values{"token": {""}}, protocols("roomcast, " + good), errAmbiguous.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			got, err := w.handle(t, handshake(test.query, test.headers))
			if strings.Contains(w.logged.String(), good) || strings.Contains(w.logged.String(), "eyJ") {
				t.Errorf("a token was logged: %s", w.logged.String())
			}
			if test.want == "" {
				if err != nil || !strings.Contains(got, `"principalId":"ada"`) {
					t.Errorf("got %s, %v, want ada", got, err)
				}
				return
			}
			if err == nil || err.Error() != "Unauthorized" || !strings.Contains(w.logged.String(), test.want) {
				t.Errorf("got %s, %v and the log %s, want Unauthorized because of %q", got, err, w.logged.String(), test.want)
			}
		})
	}
}

// TestSingleValues handles an event without lists of values.
func TestSingleValues(t *testing.T) {
	t.Parallel()
	good := mint(t, secret, nil)
	for name, change := range map[string]func(map[string]any){
		"query":  func(e map[string]any) { e["queryStringParameters"] = map[string]string{"token": good} },
		"header": func(e map[string]any) { e["headers"] = map[string]string{"Authorization": "Bearer " + good} },
	} {
		e := handshake(nil, nil)
		change(e)
		if got, err := newWorld(t, nil).handle(t, e); err != nil || !strings.Contains(got, `"principalId":"ada"`) {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	large := make([]string, 40)
	for i := range large {
		large[i] = strings.Repeat("<", 16) + fmt.Sprint(i) // six bytes each where it is written again
	}
	for name, test := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"expired":                   {map[string]any{"exp": noon.Unix() - 60}, "expired"},
		"no user":                   {map[string]any{"sub": ""}, "user"},
		"permissions misspelled":    {map[string]any{"roomcast": map[string]any{"room": []string{"*"}}}, "permissions"},
		"permissions that grow":     {map[string]any{"roomcast": map[string]any{"rooms": large}}, "permissions"},
		"permissions over 2 KiB":    {map[string]any{"roomcast": map[string]any{"rooms": []string{strings.Repeat("a", 2048)}}}, "permissions"},
		"a token over its size":     {map[string]any{"x": strings.Repeat("a", protocol.MaxToken)}, "too large"},
		"a user who breaks the log": {map[string]any{"sub": "ada\n{\"level\":\"ERROR\"}"}, "user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			text := mint(t, secret, test.changes)
			if _, err := w.handle(t, handshake(values{"token": {text}}, nil)); err == nil || err.Error() != "Unauthorized" {
				t.Errorf("got %v, want Unauthorized", err)
			}
			if w.reason != "the token is refused: "+test.want {
				t.Errorf("the error's type is %q, want the reason %q", w.reason, test.want)
			}
			if lines := strings.Count(w.logged.String(), "\n"); lines != 1 || !strings.Contains(w.logged.String(), test.want) || strings.Contains(w.logged.String(), "ada") {
				t.Errorf("logged %s, want one line with %q and nothing of the token", w.logged.String(), test.want)
			}
		})
	}
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.down = errors.New("throttled")
	text := mint(t, secret, nil)
	if _, err := w.handle(t, handshake(values{"token": {text}}, nil)); err == nil || err.Error() == "Unauthorized" {
		t.Errorf("a handshake: got %v, want another error than Unauthorized", err)
	}
	if !strings.Contains(w.logged.String(), "throttled") {
		t.Errorf("the cause is not logged: %s", w.logged.String())
	}
	got, err := w.handle(t, frame(`{"action":"refresh","token":"`+text+`","clientId":"c9"}`))
	const want = `\"code\":\"unavailable\",\"message\":\"the token could not be checked: send it again later\",\"clientId\":\"c9\",\"retryAfterMs\":2000`
	if err != nil || !strings.Contains(got, want) || w.connections.calls != 0 {
		t.Errorf("a refresh: got %s, %v", got, err)
	}
}

func TestNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	withoutARN := handshake(values{"token": {mint(t, secret, nil)}}, nil)
	delete(withoutARN, "methodArn")
	other := frame("{}")
	other["requestContext"].(map[string]any)["routeKey"] = "$connect"
	for name, e := range map[string]any{
		"a list": []byte(`[]`), "nothing": []byte(`{}`), "no methodArn": withoutARN, "another route": other,
		"another type": map[string]any{"type": "TOKEN", "methodArn": "arn", "authorizationToken": "x", "requestContext": map[string]any{"routeKey": "refresh"}},
	} {
		if got, err := w.handle(t, e); err == nil || err.Error() == "Unauthorized" {
			t.Errorf("%s: got %s, %v, want an error that says what it is", name, got, err)
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	may := map[string]any{"roomcast": map[string]any{"rooms": []string{"lobby"}}}
	got, err := w.handle(t, frame(`{"action":"refresh","token":"`+mint(t, secret, may)+`","clientId":"c1"}`))
	if want := `{"statusCode":200,"body":"{\"type\":\"refreshed\",\"clientId\":\"c1\",\"expiresAt\":1790003600000,\"left\":[\"tea\"]}"}`; err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	want := session.Identity{
		UserID: "ada", TokenExpiresAt: w.connections.client.TokenExpiresAt,
		Permissions: permission.Permissions{Rules: permission.Rules{Rooms: permission.Patterns{"lobby"}}},
	}
	if w.connections.id != "c1" || !reflect.DeepEqual(w.connections.client, want) {
		t.Errorf("refreshed %+v", w.connections)
	}
	for name, body := range map[string]string{
		"forged": `{"action":"refresh","token":"` + mint(t, secret+"x", nil) + `","clientId":"c2"}`,
		"none":   `{"action":"refresh","token":"eyJhbGciOiJub25lIn0.e30.","clientId":"c2"}`,
	} {
		got, err := w.handle(t, frame(body))
		if err != nil || !strings.Contains(got, `\"code\":\"bad_token\"`) || !strings.Contains(got, `\"clientId\":\"c2\"`) || w.connections.calls != 1 {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
	}
}

// TestDecide lets an application decide, and ignores the token's claim.
func TestDecide(t *testing.T) {
	t.Parallel()
	text := mint(t, secret, map[string]any{"plan": "paid", "roomcast": "nonsense"})
	var asked Request
	answer, failure := permission.Permissions{Rules: permission.Rules{Notify: permission.Patterns{"bob"}}}, error(nil)
	w := newWorld(t, func(_ context.Context, r Request) (permission.Permissions, error) {
		asked = r
		return answer, failure
	})
	connect := func() (string, error) {
		return w.handle(t, handshake(values{"token": {text}, "roomId": {"a", "b"}}, nil))
	}
	refresh := func() string {
		got, err := w.handle(t, frame(`{"action":"refresh","token":"`+text+`"}`))
		if err != nil {
			t.Error(err)
		}
		return got
	}
	got, err := connect()
	if err != nil || !strings.Contains(got, `"permissions":"{\"notify\":[\"bob\"]}"`) {
		t.Errorf("got %s, %v", got, err)
	}
	if asked.UserID != "ada" || asked.Claims["plan"] != "paid" || asked.IP != "192.0.2.1" || asked.RoomID != "b" || asked.Refresh {
		t.Errorf("asked about %+v", asked)
	}
	if refresh(); !asked.Refresh || asked.RoomID != "" || w.connections.calls != 1 || !w.connections.client.Permissions.Allow(permission.Notify, "bob") {
		t.Errorf("a refresh asked about %+v, and gave %+v", asked, w.connections.client)
	}

	failure = fmt.Errorf("ada@private.example has left: %w", ErrRefused)
	if _, err := connect(); err == nil || err.Error() != "Unauthorized" {
		t.Errorf("somebody refused: got %v", err)
	}
	if got := refresh(); !strings.Contains(got, "bad_token") || strings.Contains(got, "private") {
		t.Errorf("a refresh of somebody refused: got %s", got)
	}
	tooMuch := permission.Permissions{Rules: permission.Rules{Rooms: permission.Patterns{""}}}
	for _, now := range []struct {
		answer  permission.Permissions
		failure error
	}{{answer, errors.New("the database is down")}, {tooMuch, nil}} {
		answer, failure = now.answer, now.failure
		if _, err := connect(); err == nil || err.Error() == "Unauthorized" || strings.Contains(err.Error(), "database") {
			t.Errorf("%+v: got %v, want an error that tells the client nothing", now, err)
		}
		if got := refresh(); !strings.Contains(got, `\"code\":\"unavailable\"`) || strings.Contains(got, "database") {
			t.Errorf("%+v: a refresh got %s", now, got)
		}
	}
	if !strings.Contains(w.logged.String(), "the database is down") || !strings.Contains(w.logged.String(), "a pattern must be") {
		t.Errorf("the causes are not logged: %s", w.logged.String())
	}
}

// TestAnswerFits has the largest names and permissions, which have to fit into
// API Gateway's 8 KB for an authorizer's result.
func TestAnswerFits(t *testing.T) {
	t.Parallel()
	var rooms []string
	for range 150 {
		rooms = append(rooms, `"<"`)
	}
	text := mint(t, secret, map[string]any{"sub": strings.Repeat("𝕒", 128), "roomcast": map[string]any{"rooms": rooms[:120]}})
	got, err := newWorld(t, nil).handle(t, handshake(values{"token": {text}}, nil))
	if err != nil || len(got) > 8<<10 {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}
