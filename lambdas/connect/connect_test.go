package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// down is a store that cannot store.
type down struct{ realtime.Connections }

func (down) Connect(context.Context, realtime.Connection) error { return errors.New("down") }

func TestUnavailable(t *testing.T) {
	t.Parallel()
	handler := New(realtime.New(realtime.Options{Connections: down{}, Seats: realtimetest.NewMemory(time.Now)}))
	got, err := handler(t.Context(), route.Event{QueryStringParameters: map[string]string{"userId": "ada"}})
	if err != nil || got.StatusCode != 500 || !strings.Contains(got.Body, `"unavailable"`) {
		t.Errorf("got %+v, %v, want status 500 with an error frame", got, err)
	}
}

func TestTooMany(t *testing.T) {
	t.Parallel()
	memory := realtimetest.NewMemory(time.Now)
	handler := New(realtime.New(realtime.Options{
		Connections: memory, Seats: memory, Limits: realtime.Limits{ConnectionsPerUser: 1},
	}))
	for id, want := range []int{200, 429} {
		var e route.Event
		e.RequestContext.ConnectionID, e.RequestContext.ConnectedAt = fmt.Sprint(id), time.Now().UnixMilli()
		e.QueryStringParameters = map[string]string{"userId": "ada"}
		got, err := handler(t.Context(), e)
		if err != nil || got.StatusCode != want || want == 429 && !strings.Contains(got.Body, `"limit_reached"`) {
			t.Errorf("got %+v, %v, want status %d", got, err, want)
		}
	}
}
