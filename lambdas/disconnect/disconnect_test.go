package disconnect

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

var errDown = errors.New("down")

// down is a store that cannot be read.
type down struct{ realtime.Connections }

func (down) Connection(context.Context, string) (realtime.Connection, error) {
	return realtime.Connection{}, errDown
}

func TestFailure(t *testing.T) {
	t.Parallel()
	_, err := New(realtime.New(realtime.Options{Connections: down{}}))(t.Context(), route.Event{})
	if !errors.Is(err, errDown) {
		t.Errorf("got %v, want the store's error", err)
	}
}
