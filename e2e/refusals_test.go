package e2e_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// A client with a wrong setup reports the stack's answer, the reason and the
// remedy.
func TestAClientSaysWhyItIsRefused(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, guarded)
	open := roomcasttest.Run(t, assembly)
	good := stack.Token(t, "ada")
	for name, c := range map[string]struct {
		url, token   string
		status       int
		reason, hint string
	}{
		"no token":     {stack.WebSocketURL(), "", 401, "", "set Options.Token"},
		"a bad token":  {stack.WebSocketURL(), "eyJhbGciOiJIUzI1NiJ9.e30.c2ln", 401, "", "iss and aud"},
		"no stage":     {stack.WebSocketURL()[:strings.LastIndex(stack.WebSocketURL(), "/")+1], good, 403, "", "lacks the stage"},
		"no such room": {stack.WebSocketURL() + "?roomId=", good, 400, "roomId", "is malformed"},
		"no user":      {open.WebSocketURL(), "", 400, "userId", "set Options.UserID"},
	} {
		refused := make(chan *roomcastclient.ConnectError, 100)
		o := roomcastclient.Options{
			URL:       c.url,
			RetryBase: 10 * time.Millisecond, RetryMax: 10 * time.Millisecond,
			OnError: func(err error) {
				if e, ok := errors.AsType[*roomcastclient.ConnectError](err); ok {
					refused <- e
				}
			},
		}
		if c.token != "" {
			o.Token = func(context.Context) (string, error) { return c.token, nil }
		}
		client, err := roomcastclient.New(o)
		if err != nil {
			t.Fatal(err)
		}
		var e *roomcastclient.ConnectError
		for range 3 {
			select {
			case e = <-refused:
			case <-time.After(30 * time.Second):
				t.Fatalf("%s: the client is not refused", name)
			}
		}
		_ = client.Close()
		t.Logf("%s: %v", name, e)
		if e.Status != c.status || e.Reason == "" || !strings.Contains(e.Reason, c.reason) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%s: got %v", name, e)
		}
		if c.token != "" && strings.Contains(e.Error(), c.token) {
			t.Errorf("%s: the error holds the token", name)
		}
	}
}
