package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: foreignApp(t)})
	socket := dial(t, c.APIs()[0].WebSocketURL+"?room=lobby")
	ports := []string{strings.TrimPrefix(c.Endpoint(), "http://"), c.servers[0].host()}
	for _, e := range c.engines {
		ports = append(ports, strings.TrimPrefix(e.Endpoint(), "http://"))
	}
	closed := make(chan websocket.StatusCode, 1)
	go func() {
		_, _, err := socket.Read(t.Context())
		closed <- websocket.CloseStatus(err)
	}()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if status := <-closed; status != websocket.StatusGoingAway {
		t.Errorf("the connection was closed with %d", status)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	for _, port := range ports {
		if conn, err := net.Dial("tcp", port); err == nil {
			conn.Close()
			t.Errorf("something still listens on %s", port)
		}
	}
	select {
	case err := <-c.Failed():
		t.Errorf("closing reports a failure: %v", err)
	default:
	}
}

func TestEngineDies(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: foreignApp(t)})
	process, err := os.FindProcess(c.engines[0].Pid())
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-c.Failed():
		if err == nil || !strings.Contains(err.Error(), c.engines[0].Name()) {
			t.Errorf("the failure is %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("nobody says that the engine has died")
	}
}

// Two stacks, each with an API: one port each, the first one's as asked for.
func TestSeveralAPIs(t *testing.T) {
	t.Parallel()
	const template = `{"Resources": {
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Beta": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "beta"}},
		"Live": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live"}}
	}, "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}, "%s": {"Value": 1}}}`
	c := start(t, Options{Assembly: assemblytest.Write(t, map[string]string{
		"A": fmt.Sprintf(template, "OnlyA"),
		"B": fmt.Sprintf(template, "OnlyB"),
	})})
	apis := c.APIs()
	if len(apis) != 4 || apis[0].ID != apis[1].ID || apis[1].ID == apis[2].ID {
		t.Fatalf("APIs are %+v", apis)
	}
	for _, api := range apis {
		dial(t, api.WebSocketURL)
	}
	for _, name := range []string{"A.Url", "B.Url", "OnlyA", "OnlyB"} {
		if c.Outputs()[name] == "" {
			t.Errorf("outputs %v lack %s", c.Outputs(), name)
		}
	}
	response, err := http.Get(strings.TrimSuffix(apis[0].CallbackURL, "/beta") + "/index.html")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a path of nobody's answers %s", response.Status)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	_, err = Start(t.Context(), Options{Assembly: foreignApp(t), Port: port})
	want := fmt.Sprintf("port %d is in use: stop the process that uses it, or choose another port with --port", port)
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{Assembly: foreignApp(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
