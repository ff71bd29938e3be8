package route

import (
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
