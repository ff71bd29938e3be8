package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// testTimeout is how long a test waits for an event.
const testTimeout = 10 * time.Second

// invokerFunc is a function as an Invoker.
type invokerFunc func(ctx context.Context, event []byte) ([]byte, error)

func (f invokerFunc) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	return f(ctx, event)
}

// answers always returns the same answer.
func answers(answer string) Invoker {
	return invokerFunc(func(context.Context, []byte) ([]byte, error) { return []byte(answer), nil })
}

// records sends every event it is invoked with to a channel.
func records(events chan<- string) Invoker {
	return invokerFunc(func(ctx context.Context, event []byte) ([]byte, error) {
		select {
		case events <- string(event):
			return []byte(`{"statusCode":200}`), nil
		case <-ctx.Done(): // the last hundred were not read
			return nil, ctx.Err()
		}
	})
}

// A testAPI is a gateway behind a real listener. Its routes always hold a
// $disconnect that is recorded.
type testAPI struct {
	*Gateway
	url          string // http://127.0.0.1:port
	disconnected chan string
	// client has connections of its own: a test server that closes would close
	// those of the default one, also under the requests of other tests.
	client *http.Client
}

// start serves an API with the given routes, stage "prod".
func start(t testing.TB, routes ...Route) *testAPI {
	t.Helper()
	return startWith(t, Config{}, routes...)
}

// startWith is start with some of the configuration given.
func startWith(t testing.TB, cfg Config, routes ...Route) *testAPI {
	t.Helper()
	api := &testAPI{disconnected: make(chan string, 100)}
	byKey := map[string]Route{routeDisconnect: {Key: routeDisconnect, Target: records(api.disconnected)}}
	for _, r := range routes {
		byKey[r.Key] = r
	}
	cfg.APIID, cfg.Stage, cfg.DomainName = "a1b2c3d4e5", "prod", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
	cfg.Region, cfg.AccountID = "us-east-1", "000000000000"
	cfg.RouteSelection = "$request.body.action"
	cfg.Routes = maps.Clone(byKey)
	g, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(g)
	api.Gateway, api.url, api.client = g, server.URL, server.Client()
	t.Cleanup(func() {
		g.Close()
		server.Close()
	})
	return api
}

// connect opens a WebSocket.
func (a *testAPI) connect(t testing.TB) *websocket.Conn {
	t.Helper()
	c, response, err := a.dial(t, "", nil)
	if err != nil {
		t.Fatalf("connect: %v (%v)", err, response)
	}
	return c
}

// dial tries to open a WebSocket with a query and headers.
func (a *testAPI) dial(t testing.TB, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	var protocols []string
	if p := header.Get("Sec-WebSocket-Protocol"); p != "" {
		protocols = []string{p}
		header.Del("Sec-WebSocket-Protocol")
	}
	c, response, err := websocket.Dial(timeout(t), a.url+"/prod"+query, &websocket.DialOptions{
		HTTPClient: a.client, HTTPHeader: header, Subprotocols: protocols,
	})
	if err == nil {
		c.SetReadLimit(1 << 20)
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, response, err
}

// connectRaw opens a WebSocket whose frames the test reads and writes itself.
func (a *testAPI) connectRaw(t testing.TB) net.Conn {
	t.Helper()
	conn, _, _, err := ws.Dial(timeout(t), strings.Replace(a.url, "http", "ws", 1)+"/prod")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(testTimeout)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// onlyConnection returns the one connection that is open.
func (a *testAPI) onlyConnection(t testing.TB) *connection {
	t.Helper()
	var found []*connection
	a.conns.each(func(c *connection) { found = append(found, c) })
	if len(found) != 1 {
		t.Fatalf("%d connections are open, want 1", len(found))
	}
	return found[0]
}

// command sends an @connections request and returns the answer with its body.
func (a *testAPI) command(t testing.TB, method, id, body string) (*http.Response, string) {
	t.Helper()
	return a.request(t, method, "/prod/@connections/"+id, body)
}

// request sends an HTTP request. It may be called from any goroutine: a request
// that fails fails the test and returns an empty answer.
func (a *testAPI) request(t testing.TB, method, path, body string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(timeout(t), method, a.url+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return new(http.Response), ""
	}
	response, err := a.client.Do(r)
	if err != nil {
		t.Error(err)
		return new(http.Response), ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response, string(text)
}

// timeout is a context that ends a test's waiting.
func timeout(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	t.Cleanup(cancel)
	return ctx
}

// receive waits for a value.
func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(testTimeout):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

// contextOf returns the requestContext of an event.
func contextOf(t testing.TB, raw string) requestContext {
	t.Helper()
	var e event
	if err := json.Unmarshal([]byte(raw), &e); err != nil {
		t.Fatalf("event %s: %v", raw, err)
	}
	return e.RequestContext
}

func write(t testing.TB, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.Write(timeout(t), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, c *websocket.Conn) string {
	t.Helper()
	_, text, err := c.Read(timeout(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// readClose reads until the server closes and returns code and reason.
func readClose(t testing.TB, c *websocket.Conn) (websocket.StatusCode, string) {
	t.Helper()
	for {
		_, _, err := c.Read(timeout(t))
		if closed, ok := errors.AsType[websocket.CloseError](err); ok {
			return closed.Code, closed.Reason
		}
		if err != nil {
			t.Fatalf("no close frame: %v", err)
		}
	}
}
