package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestAnswers sends one message on routes of every kind. A ping on a two-way route
// follows: its answer shows that nothing else came before it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const ise = `{"message": "Internal server error", "connectionId":"%s", "requestId":"*"}`
	fails := invokerFunc(func(context.Context, []byte) ([]byte, error) { return nil, errors.New("boom") })
	hangs := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	tests := []struct {
		name  string
		route Route
		want  string // "" for nothing, %s for the connection's id, * for a request's
	}{
		{"one-way", Route{Target: answers(`{"statusCode":200,"body":"hello"}`)}, ""},
		{"one-way with status 500", Route{Target: answers(`{"statusCode":500,"body":"hello"}`)}, ""},
		{"two-way", Route{Target: answers(`{"statusCode":200,"body":"hello"}`), ReturnResponse: true}, "hello"},
		{"two-way with status 500", Route{Target: answers(`{"statusCode":500,"body":"sorry"}`), ReturnResponse: true}, "sorry"},
		{"two-way without a body", Route{Target: answers(`{"statusCode":200}`), ReturnResponse: true}, ""},
		{"two-way without integration", Route{ReturnResponse: true}, ""},
		{"throws", Route{Target: fails}, ise},
		{"throws on a two-way route", Route{Target: fails, ReturnResponse: true}, ise},
		{"times out", Route{Target: hangs, Timeout: minIntegrationTimeout}, ise},
		{"malformed", Route{Target: answers(`"hello"`)}, ise},
		{"unknown member", Route{Target: answers(`{"statusCode":200,"Data":"x"}`)}, ise},
		{"body over 128 KB", Route{
			Target: answers(`{"statusCode":200,"body":"` + strings.Repeat("x", maxMessage+1) + `"}`), ReturnResponse: true,
		}, ise},
		{"no such route", Route{Key: "other"}, `{"message": "Forbidden", "connectionId":"%s", "requestId":"*"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.route.Key == "" {
				tt.route.Key = "test"
			}
			api := start(t, tt.route, Route{Key: "ping", Target: answers(`{"statusCode":200,"body":"pong"}`), ReturnResponse: true})
			c := api.connect(t)
			write(t, c, `{"action":"test"}`)
			if tt.want != "" {
				got, want := read(t, c), tt.want
				if before, after, ok := strings.Cut(want, "*"); ok {
					if strings.HasPrefix(got, fmt.Sprintf(before, api.onlyConnection(t).id)) && strings.HasSuffix(got, after) {
						got = want
					}
				}
				if got != want {
					t.Fatalf("answer %q, want %q", got, want)
				}
			} else {
				time.Sleep(20 * time.Millisecond) // let an answer that must not be overtake the ping
			}
			write(t, c, `{"action":"ping"}`)
			if got := read(t, c); got != "pong" {
				t.Errorf("then %q, want pong", got)
			}
		})
	}
}

func TestRouteOfAMessage(t *testing.T) {
	t.Parallel()
	echo := func(key string) Route {
		return Route{Key: key, Target: answers(`{"statusCode":200,"body":"` + key + `"}`), ReturnResponse: true}
	}
	api := start(t, echo("$connect"), echo("join"), echo("$default"), echo("7"), echo("$disconnect"))
	c := api.connect(t)
	tests := []struct{ message, want string }{
		{`{"action":"join"}`, "join"},
		{`{"action":"JOIN"}`, "$default"},
		{`{"action":"join"} trailing`, "$default"},
		{`{"action":7}`, "7"},
		{`{"action":"$default"}`, "$default"},
		{`{"action":"$connect"}`, "$default"},
		{`{"action":"$disconnect"}`, "$default"},
		{`{}`, "$default"},
		{`[]`, "$default"},
		{`"join"`, "$default"},
		{`join`, "$default"},
		{``, "$default"},
	}
	for _, tt := range tests {
		write(t, c, tt.message)
		if got := read(t, c); got != tt.want {
			t.Errorf("%s went to %q, want %q", tt.message, got, tt.want)
		}
	}
}

func TestMessagesOfOneConnectionOvertakeEachOther(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow := invokerFunc(func(context.Context, []byte) ([]byte, error) {
		<-release
		return []byte(`{"statusCode":200,"body":"slow"}`), nil
	})
	api := start(t, Route{Key: "slow", Target: slow, ReturnResponse: true},
		Route{Key: "fast", Target: answers(`{"statusCode":200,"body":"fast"}`), ReturnResponse: true})
	c := api.connect(t)
	write(t, c, `{"action":"slow"}`)
	write(t, c, `{"action":"fast"}`)
	if got := read(t, c); got != "fast" {
		t.Errorf("first answer is %q, want fast", got)
	}
	close(release)
	if got := read(t, c); got != "slow" {
		t.Errorf("second answer is %q, want slow", got)
	}
}

func TestMessagesInFlightAreBounded(t *testing.T) {
	t.Parallel()
	entered, release := make(chan struct{}, 100), make(chan struct{})
	holds := invokerFunc(func(context.Context, []byte) ([]byte, error) {
		entered <- struct{}{}
		<-release
		return []byte(`{"statusCode":200}`), nil
	})
	api := start(t, Route{Key: "$default", Target: holds})
	c := api.connect(t)
	for range maxInFlight + 5 {
		write(t, c, "x")
	}
	for range maxInFlight {
		receive(t, entered)
	}
	time.Sleep(20 * time.Millisecond)
	if n := len(entered); n > 0 {
		t.Errorf("%d more messages than %d are in flight", n, maxInFlight)
	}
	close(release)
	for range 5 {
		receive(t, entered)
	}
}

// The end of a connection does not wait for room for the message that has come
// last.
func TestEndWithAllMessagesInFlight(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{}, maxInFlight)
	hangs := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		entered <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	api := start(t, Route{Key: "$default", Target: hangs})
	c := api.connect(t)
	for range maxInFlight + 1 {
		write(t, c, "x")
	}
	for range maxInFlight {
		receive(t, entered)
	}
	time.Sleep(20 * time.Millisecond) // let the last one arrive
	c.CloseRead(timeout(t))           // answers the close frame
	api.command(t, http.MethodDelete, api.onlyConnection(t).id, "")
	receive(t, api.disconnected)
}

func TestNoticeIsJSON(t *testing.T) {
	t.Parallel()
	const odd = "\"\a\x00\u2028é"
	text := notice(odd, event{RequestContext: requestContext{ConnectionID: odd, RequestID: odd}})
	var got map[string]string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, name := range []string{"message", "connectionId", "requestId"} {
		if got[name] != odd {
			t.Errorf("%s is %q, want %q", name, got[name], odd)
		}
	}
}

// $disconnect does not wait for messages that are still being processed.
func TestDisconnectDoesNotWaitForMessages(t *testing.T) {
	t.Parallel()
	hangs := invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	api := start(t, Route{Key: "$default", Target: hangs})
	c := api.connect(t)
	write(t, c, "x")
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Fatal(err)
	}
	receive(t, api.disconnected)
}
