package route

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
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
		t.Errorf("a frame that is no JSON: got %+v, want an error", r)
	}
}

func TestOneWay(t *testing.T) {
	t.Parallel()
	for _, answer := range []protocol.Frame{nil, protocol.Pong{Timestamp: 1}} {
		var posted protocol.Frame
		handle := OneWay(
			func(ctx context.Context, _ string, _ []byte) protocol.Frame {
				if at, ok := realtime.Arrival(ctx); !ok || at.UnixMilli() != 1_790_000_000_123 {
					t.Errorf("the message arrived at %v", at)
				}
				return answer
			},
			func(_ context.Context, connectionID string, frame protocol.Frame) {
				if posted = frame; connectionID != "c1" {
					t.Errorf("posted to %q", connectionID)
				}
			})
		var e Event
		e.RequestContext.ConnectionID, e.RequestContext.RequestTimeEpoch = "c1", 1_790_000_000_123
		r, err := handle(t.Context(), e)
		if err != nil || r.StatusCode != 200 || r.Body != "" || !reflect.DeepEqual(posted, answer) {
			t.Errorf("returned %+v, %v and posted %v, want %v", r, err, posted, answer)
		}
	}
}
