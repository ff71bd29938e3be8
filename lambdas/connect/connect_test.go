package connect

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// down is a store that cannot store.
type down struct{ realtime.Connections }

func (down) Connect(context.Context, realtime.Connection) error { return errors.New("down") }

func TestUnavailable(t *testing.T) {
	t.Parallel()
	handler := New(realtime.New(realtime.Options{Connections: down{}}))
	got, err := handler(t.Context(), route.Event{QueryStringParameters: map[string]string{"userId": "ada"}})
	if err != nil || got.StatusCode != 500 || !strings.Contains(got.Body, `"unavailable"`) {
		t.Errorf("got %+v, %v, want status 500 with an error frame", got, err)
	}
}
