package expiry

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime"
)

var errDown = errors.New("down")

// down is a store that cannot be read.
type down struct{ realtime.Connections }

func (down) Endings(context.Context, time.Time) ([]realtime.Ending, error) { return nil, errDown }

func TestFailure(t *testing.T) {
	t.Parallel()
	err := New(realtime.New(realtime.Options{Connections: down{}}))(t.Context(), events.EventBridgeEvent{})
	if !errors.Is(err, errDown) {
		t.Errorf("got %v, want the store's error", err)
	}
}
