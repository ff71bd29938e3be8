package session

import (
	"context"
	"errors"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

var errDown = errors.New("down")

// unreadable is a store that cannot be read.
type unreadable struct{ realtimetest.Connections }

func (unreadable) Connection(context.Context, string) (members.Connection, error) {
	return members.Connection{}, errDown
}

func TestDisconnectFails(t *testing.T) {
	t.Parallel()
	_, err := Disconnect(realtimetest.New(realtimetest.Options{Connections: unreadable{}}).Disconnector)(t.Context(), route.Event{})
	if !errors.Is(err, errDown) {
		t.Errorf("got %v, want the store's error", err)
	}
}
