package gateway

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

func TestConnectDecidesTheHandshake(t *testing.T) {
	t.Parallel()
	fails := invokerFunc(func(context.Context, []byte) ([]byte, error) { return nil, errors.New("boom") })
	hangs := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	tests := []struct {
		name   string
		target Invoker
		want   int
		body   string
	}{
		{"no integration", nil, 101, ""},
		{"200", answers(`{"statusCode":200}`), 101, ""},
		{"204", answers(`{"statusCode":204,"body":"ignored"}`), 101, ""},
		{"status as a string", answers(`{"statusCode":"200"}`), 101, ""},
		{"400", answers(`{"statusCode":400,"body":"ignored"}`), 400, ""},
		{"401", answers(`{"statusCode":401}`), 401, ""},
		{"403", answers(`{"statusCode":403}`), 403, ""},
		{"429", answers(`{"statusCode":429,"headers":{"Retry-After":"1"}}`), 429, ""},
		{"302", answers(`{"statusCode":302}`), 302, ""},
		{"500", answers(`{"statusCode":500}`), 500, ""},
		{"throws", fails, 502, `{"message": "Internal server error", "connectionId":"`},
		{"null", answers(`null`), 502, ""},
		{"not JSON", answers(`ok`), 502, ""},
		{"no statusCode", answers(`{}`), 502, ""},
		{"wrong case", answers(`{"StatusCode":200}`), 502, ""},
		{"unknown member", answers(`{"statusCode":200,"ConnectionId":"x"}`), 502, ""},
		{"body is an object", answers(`{"statusCode":200,"body":{}}`), 502, ""},
		{"status out of range", answers(`{"statusCode":99}`), 502, ""},
		{"times out", hangs, 504, `{"message": "Endpoint request timed out", "connectionId":"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, Route{Key: "$connect", Target: tt.target, Timeout: minIntegrationTimeout})
			_, response, err := api.dial(t, "", nil)
			if response == nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.want {
				t.Errorf("status %d, want %d", response.StatusCode, tt.want)
			}
			if tt.want == http.StatusSwitchingProtocols {
				return
			}
			var body bytes.Buffer
			if _, err := body.ReadFrom(response.Body); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(body.String(), tt.body) {
				t.Errorf("body %q, want it to start with %q", &body, tt.body)
			}
			if len(api.disconnected) > 0 {
				t.Error("$disconnect ran for a connection that was never made")
			}
		})
	}
}

func TestHandshakeRefusals(t *testing.T) {
	t.Parallel()
	invoked := make(chan string, 10)
	api := start(t, Route{Key: "$connect", Target: records(invoked)})
	valid := http.Header{
		"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	tests := []struct {
		name        string
		path        string
		method      string
		header, set string
		want        int
	}{
		{name: "plain GET", header: "Upgrade", want: 426},
		{name: "no Connection header", header: "Connection", want: 426},
		{name: "old version", header: "Sec-Websocket-Version", set: "8", want: 426},
		{name: "short key", header: "Sec-Websocket-Key", set: "YQ==", want: 400},
		{name: "POST", method: http.MethodPost, want: 400},
		{name: "long URL", path: "/prod?q=" + strings.Repeat("x", 4096), want: 414},
		{name: "other stage", path: "/dev", want: 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path, method := tt.path, tt.method
			if path == "" {
				path = "/prod"
			}
			r, err := http.NewRequestWithContext(timeout(t), method, api.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = valid.Clone()
			if tt.header != "" {
				r.Header.Set(tt.header, tt.set)
			}
			response, err := api.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != tt.want {
				t.Errorf("status %d, want %d", response.StatusCode, tt.want)
			}
		})
	}
	t.Cleanup(func() {
		if len(invoked) > 0 {
			t.Error("$connect ran for a request that is not a handshake")
		}
	})
}

func TestURLOfExactlyTheLimitIsAccepted(t *testing.T) {
	t.Parallel()
	api := start(t)
	query := "?q=" + strings.Repeat("x", maxURL-len("/prod?q="))
	if _, response, err := api.dial(t, query, nil); err != nil {
		t.Errorf("%v: %v", response, err)
	}
}

func TestSubprotocol(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, answer, want string }{
		{"echoed", `{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"roomcast"}}`, "roomcast"},
		{"in lower case", `{"statusCode":200,"headers":{"sec-websocket-protocol":"roomcast"}}`, "roomcast"},
		{"multi-value header", `{"statusCode":200,"multiValueHeaders":{"Sec-WebSocket-Protocol":["roomcast"]}}`, "roomcast"},
		{"not echoed", `{"statusCode":200}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := start(t, Route{Key: "$connect", Target: answers(tt.answer)})
			c, response, err := api.dial(t, "", http.Header{"Sec-Websocket-Protocol": {"roomcast"}})
			if err != nil {
				t.Fatal(response, err)
			}
			if c.Subprotocol() != tt.want {
				t.Errorf("subprotocol %q, want %q", c.Subprotocol(), tt.want)
			}
		})
	}
}

// A token may be offered as an additional subprotocol: the authorizer and $connect
// get all offered ones, and the client gets the one that $connect chose.
func TestSubprotocolPickedOfSeveral(t *testing.T) {
	t.Parallel()
	asked, connected := make(chan string, 1), make(chan string, 1)
	route := guarded(invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		asked <- string(event)
		return []byte(decision("Allow", "*")), nil
	}))
	route.Target = invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		connected <- string(event)
		return []byte(`{"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"roomcast"}}`), nil
	})
	api := start(t, route)
	c, response, err := websocket.Dial(timeout(t), api.url+"/prod", &websocket.DialOptions{HTTPClient: api.client, Subprotocols: []string{"roomcast", "the.signed.token"}})
	if err != nil {
		t.Fatal(response, err)
	}
	defer func() { _ = c.CloseNow() }()
	if got := response.Header.Values("Sec-WebSocket-Protocol"); len(got) != 1 || got[0] != "roomcast" {
		t.Errorf("the handshake is answered with the subprotocols %q", got)
	}
	for _, events := range []chan string{asked, connected} {
		if event := receive(t, events); strings.Count(event, `"Sec-WebSocket-Protocol":"roomcast,the.signed.token"`) != 1 {
			t.Errorf("the offer is not in the event %s", event)
		}
	}
}

func TestCompressionIsNotNegotiated(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	api := start(t, Route{Key: "$connect", Target: records(seen)}, Route{Key: "$default", Target: records(seen)})
	c, response, err := websocket.Dial(timeout(t), api.url+"/prod", &websocket.DialOptions{HTTPClient: api.client, CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	if got := response.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("the gateway agrees to %q", got)
	}
	if event := receive(t, seen); !strings.Contains(event, `"Sec-WebSocket-Extensions":"permessage-deflate`) {
		t.Errorf("the offer is not in the event: %s", event)
	}
	write(t, c, "plain")
	if event := receive(t, seen); !strings.Contains(event, `"body":"plain"`) {
		t.Errorf("event %s", event)
	}
}

const rawHandshake = "GET /prod/?userId=ada&roomId=lobby HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// A client may send before it has the answer to its handshake.
func TestFramesSentWithTheHandshakeAreRead(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	api := start(t, Route{Key: "$default", Target: records(seen)})
	frame := ws.MustCompileFrame(ws.MaskFrame(ws.NewTextFrame([]byte("early"))))
	conn := dialTCP(t, api)
	if _, err := conn.Write(append([]byte(rawHandshake), frame...)); err != nil {
		t.Fatal(err)
	}
	if event := receive(t, seen); !strings.Contains(event, `"body":"early"`) {
		t.Errorf("event %s", event)
	}
}

// As on AWS, $connect runs to its end for a client that no longer waits, and
// $disconnect follows.
func TestClientGivesUpDuringConnect(t *testing.T) {
	t.Parallel()
	started, release := make(chan struct{}), make(chan struct{})
	connect := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		close(started)
		<-release
		return []byte(`{"statusCode":200}`), ctx.Err()
	})
	api := start(t, Route{Key: "$connect", Target: connect})
	conn := dialTCP(t, api)
	if _, err := conn.Write([]byte(rawHandshake)); err != nil {
		t.Fatal(err)
	}
	receive(t, started)
	conn.Close()
	time.Sleep(20 * time.Millisecond) // let the server see it
	close(release)
	if rc := contextOf(t, receive(t, api.disconnected)); *rc.DisconnectStatusCode != int(statusAbnormal) {
		t.Errorf("$disconnect got %d, want 1006", *rc.DisconnectStatusCode)
	}
}
