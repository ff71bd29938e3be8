package route

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/routes"
)

func TestRespond(t *testing.T) {
	t.Parallel()
	for want, frame := range map[string]protocol.Frame{
		`{"statusCode":200}`: nil,
		`{"statusCode":200,"body":"{\"type\":\"pong\",\"timestamp\":1}"}`: protocol.Pong{Timestamp: 1},
	} {
		r, err := Respond(200, frame)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(r); err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	if r, err := Respond(200, protocol.Notification{Notification: []byte("{")}); err == nil {
		t.Errorf("a frame that is not JSON: got %+v, want an error", r)
	}
}

// TestServe gives events of three routes to a function that serves two.
func TestServe(t *testing.T) {
	t.Parallel()
	fallback, _ := routes.ByKey(routes.Default)
	router := routes.NewRouter(routes.App{}, frames.New(frames.Options{}), fallback)
	handle := Serve(router, map[string]Handler{
		routes.Connect: func(context.Context, Event) (Response, error) { return Response{StatusCode: 429}, nil },
	})
	for _, test := range []struct {
		key, body, err string
		status         int
	}{
		{routes.Connect, "", "", 429},
		{routes.Default, "unknown_action", "", 200},
		{"join", "", `this function does not serve the route "join"`, 0},
	} {
		e := Event{Body: `{"action":"shout"}`}
		e.RequestContext.RouteKey = test.key
		r, err := handle(t.Context(), e)
		if r.StatusCode != test.status || !strings.Contains(r.Body, test.body) || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: got %+v, %v", test.key, r, err)
		}
	}
}
