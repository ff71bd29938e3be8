package expiry

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

var errDown = errors.New("down")

// down is a store that cannot be read.
type down struct{ realtimetest.Connections }

func (down) ListExpiries(context.Context, time.Time) ([]session.TokenExpiry, error) {
	return nil, errDown
}

func TestFailure(t *testing.T) {
	t.Parallel()
	err := New(realtimetest.New(realtimetest.Options{Connections: down{}}).Sweeper)(t.Context(), events.EventBridgeEvent{})
	if !errors.Is(err, errDown) {
		t.Errorf("got %v, want the store's error", err)
	}
}
