package route

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
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

func TestByKey(t *testing.T) {
	t.Parallel()
	handle := ByKey(map[string]Handler{
		"ping": func(context.Context, Event) (Response, error) { return Response{StatusCode: 200}, nil },
		"join": func(context.Context, Event) (Response, error) { return Response{}, nil },
	})
	var e Event
	e.RequestContext.RouteKey = "ping"
	if r, err := handle(t.Context(), e); err != nil || r.StatusCode != 200 {
		t.Errorf("got %+v, %v", r, err)
	}
	e.RequestContext.RouteKey = "shout"
	if _, err := handle(t.Context(), e); err == nil || err.Error() != `this function does not serve the route "shout": it serves join, ping` {
		t.Errorf("another route: got %v", err)
	}
}
