package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/coder/websocket"
)

// sdk returns AWS's own client of the @connections API, without its retries.
func (a *testAPI) sdk() *api.Client {
	return api.New(api.Options{
		BaseEndpoint: aws.String(a.url + "/prod"), Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

func TestCommandsFromTheSDK(t *testing.T) {
	t.Parallel()
	a := start(t)
	began := time.Now().Truncate(time.Millisecond)
	c, _, err := a.dial(t, "", http.Header{"User-Agent": {"test/1"}})
	if err != nil {
		t.Fatal(err)
	}
	id := aws.String(a.onlyConnection(t).id)

	if _, err := a.sdk().PostToConnection(timeout(t), &api.PostToConnectionInput{ConnectionId: id, Data: []byte("hello €")}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, c); got != "hello €" {
		t.Errorf("the client got %q", got)
	}
	got, err := a.sdk().GetConnection(timeout(t), &api.GetConnectionInput{ConnectionId: id})
	if err != nil {
		t.Fatal(err)
	}
	if got.ConnectedAt.Before(began) || got.LastActiveAt.Before(*got.ConnectedAt) || got.LastActiveAt.After(time.Now()) {
		t.Errorf("began at %v, connectedAt %v, lastActiveAt %v", began, got.ConnectedAt, got.LastActiveAt)
	}
	if *got.Identity.SourceIp != "127.0.0.1" || *got.Identity.UserAgent != "test/1" {
		t.Errorf("identity is %+v", got.Identity)
	}
	if _, err := a.sdk().DeleteConnection(timeout(t), &api.DeleteConnectionInput{ConnectionId: id}); err != nil {
		t.Fatal(err)
	}
	if code, reason := readClose(t, c); code != websocket.StatusNormalClosure || reason != "Connection Closed Normally" {
		t.Errorf("closed with %d %q", code, reason)
	}
	rc := contextOf(t, receive(t, a.disconnected))
	if *rc.DisconnectStatusCode != 1000 || *rc.DisconnectReason != "Connection Closed Normally" {
		t.Errorf("$disconnect got %d %q", *rc.DisconnectStatusCode, *rc.DisconnectReason)
	}
}

func TestErrorsAsTheSDKSeesThem(t *testing.T) {
	t.Parallel()
	a := start(t)
	a.connect(t)
	open, unknown := a.onlyConnection(t).id, newID()
	post := func(id string, size int) error {
		_, err := a.sdk().PostToConnection(timeout(t), &api.PostToConnectionInput{ConnectionId: &id, Data: make([]byte, size)})
		return err
	}
	get := func(id string) error {
		_, err := a.sdk().GetConnection(timeout(t), &api.GetConnectionInput{ConnectionId: &id})
		return err
	}
	remove := func(id string) error {
		_, err := a.sdk().DeleteConnection(timeout(t), &api.DeleteConnectionInput{ConnectionId: &id})
		return err
	}
	var gone *types.GoneException
	if err := post(unknown, 1); !errors.As(err, &gone) {
		t.Errorf("post to an unknown connection: %v", err)
	}
	if err := get(unknown); !errors.As(err, &gone) {
		t.Errorf("get an unknown connection: %v", err)
	}
	if err := remove(unknown); !errors.As(err, &gone) {
		t.Errorf("delete an unknown connection: %v", err)
	}
	var tooLarge *types.PayloadTooLargeException
	if err := post(open, maxMessage+1); !errors.As(err, &tooLarge) {
		t.Errorf("post of 128 KB and a byte: %v", err)
	}
	if err := post(open, maxMessage); err != nil {
		t.Errorf("post of 128 KB: %v", err)
	}
	if err := post("no such id", 1); err == nil || !strings.Contains(err.Error(), "BadRequestException: Invalid connectionId: no such id") {
		t.Errorf("post to an invalid id: %v", err)
	}
}

func TestPathsOfACommand(t *testing.T) {
	t.Parallel()
	a := start(t)
	c := a.connect(t)
	id := a.onlyConnection(t).id
	tests := []struct {
		name, method, path string
		want               int
	}{
		{"plain", http.MethodPost, "/prod/@connections/" + id, 200},
		{"escaped", http.MethodPost, "/prod/%40connections/" + url.PathEscape(id), 200},
		{"escaped throughout", http.MethodPost, "/prod/%40connections/" + strings.ReplaceAll(url.QueryEscape(id), "=", "%3D"), 200},
		{"bad escape in the id", http.MethodPost, "/prod/@connections/a%2Fb", 400},
		{"another method", http.MethodPut, "/prod/@connections/" + id, 403},
		{"another stage", http.MethodPost, "/dev/@connections/" + id, 403},
	}
	for _, tt := range tests {
		response, body := a.request(t, tt.method, tt.path, tt.name)
		if response.StatusCode != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, response.StatusCode, body, tt.want)
		}
		if tt.want != http.StatusOK {
			if response.Header.Get("X-Amzn-ErrorType") == "" || !strings.Contains(body, `"message"`) {
				t.Errorf("%s: headers %v, body %s", tt.name, response.Header, body)
			}
			continue
		}
		if body != "" || response.Header.Get("X-Amzn-RequestId") == "" {
			t.Errorf("%s: body %q, headers %v", tt.name, body, response.Header)
		}
		if got := read(t, c); got != tt.name {
			t.Errorf("%s: the client got %q", tt.name, got)
		}
	}
}

// AWS names this as a cause of 410: the id is in the event of $connect, but the
// connection is not made until $connect has returned.
func TestPostBeforeConnectHasReturned(t *testing.T) {
	t.Parallel()
	ids, release := make(chan string, 1), make(chan struct{})
	connect := invokerFunc(func(_ context.Context, raw []byte) ([]byte, error) {
		var e event
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		ids <- e.RequestContext.ConnectionID
		<-release
		return []byte(`{"statusCode":200}`), nil
	})
	a := start(t, Route{Key: "$connect", Target: connect})
	connected := make(chan *websocket.Conn, 1)
	go func() {
		c, _, err := a.dial(t, "", nil)
		if err != nil {
			t.Error(err)
		}
		connected <- c
	}()
	id := receive(t, ids)
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		if response, _ := a.command(t, method, id, ""); response.StatusCode != http.StatusGone {
			t.Errorf("%s before $connect has returned: %s, want 410", method, response.Status)
		}
	}
	close(release)
	c := receive(t, connected)
	if response, _ := a.command(t, http.MethodPost, id, "hello"); response.StatusCode != http.StatusOK {
		t.Errorf("post once connected: %s", response.Status)
	}
	if got := read(t, c); got != "hello" {
		t.Errorf("the client got %q", got)
	}
}

func TestConnectionIsGoneOnceClosed(t *testing.T) {
	t.Parallel()
	a := start(t)
	c := a.connect(t)
	id := a.onlyConnection(t).id
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	receive(t, a.disconnected)
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		if response, _ := a.command(t, method, id, ""); response.StatusCode != http.StatusGone {
			t.Errorf("%s: %s, want 410", method, response.Status)
		}
	}
}
