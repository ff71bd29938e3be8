package session

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

var errDown = errors.New("down")

// unreadable is a store that cannot be read.
type unreadable struct{ realtime.Connections }

func (unreadable) Connection(context.Context, string) (realtime.Connection, error) {
	return realtime.Connection{}, errDown
}

func TestDisconnectFails(t *testing.T) {
	t.Parallel()
	_, err := Disconnect(realtime.New(realtime.Options{Connections: unreadable{}}))(t.Context(), route.Event{})
	if !errors.Is(err, errDown) {
		t.Errorf("got %v, want the store's error", err)
	}
}
