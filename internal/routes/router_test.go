package routes_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/routes"
)

// TestEveryActionHasARoute compares the table with the protocol.
func TestEveryActionHasARoute(t *testing.T) {
	t.Parallel()
	var actions []string
	for _, r := range routes.Routes {
		if r.Key[0] != '$' {
			actions = append(actions, r.Key)
		}
	}
	slices.Sort(actions)
	if want := slices.Sorted(slices.Values(protocol.Actions)); !slices.Equal(actions, want) {
		t.Errorf("the table has %q, the protocol %q", actions, want)
	}
}

// TestDefaultListsActions: a client that misspells an action gets the actions that
// there are, the application's own too.
func TestDefaultListsActions(t *testing.T) {
	t.Parallel()
	roomcasts := `no action \"shuot\", there are: ` + strings.Join(protocol.Actions, ", ")
	for _, test := range []struct {
		own  []string
		want string
	}{
		{nil, roomcasts},
		{[]string{"shout", "whisper"}, roomcasts + ", shout, whisper"},
	} {
		route, _ := routes.ByKey(routes.Default)
		router := routes.NewRouter(routes.App{OwnActions: test.own}, frames.New(frames.Options{}), route)
		answer, err := router.Answer(t.Context(), frames.Frame{Action: routes.Default, ConnectionID: "c1", Body: []byte(`{"action":"shuot","clientId":"x"}`)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := protocol.Encode(answer)
		want := `{"type":"error","code":"unknown_action","message":"` + test.want + `","clientId":"x"}`
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
}

// TestOneWayErrorsArePosted: a route without responses posts its errors.
func TestOneWayErrorsArePosted(t *testing.T) {
	t.Parallel()
	poster := &realtimetest.Poster{}
	memory := realtimetest.NewMemory(time.Now)
	service := realtimetest.New(realtimetest.Options{Connections: memory, Poster: poster})
	router := routes.NewRouter(routes.App{App: service.App}, frames.New(frames.Options{}), routes.Routes...)
	f := frames.Frame{Action: protocol.ActionCursorMove, ConnectionID: "c1", Body: []byte(`{"action":"cursorMove"}`)}
	if answer, err := router.Answer(t.Context(), f); answer != nil || err != nil {
		t.Errorf("answered %v, %v", answer, err)
	}
	if got := poster.Posted("c1"); len(got) != 1 {
		t.Errorf("posted %q, want the error", got)
	}
}

// TestRefreshIsRefusedBeforeTheTokenIsChecked sends more refreshes than a connection
// may.
func TestRefreshIsRefusedBeforeTheTokenIsChecked(t *testing.T) {
	t.Parallel()
	checked := 0
	refresh := routes.Refresh(
		func(context.Context, string) (session.Identity, error) { checked++; return session.Identity{}, nil },
		func(context.Context, string, session.Identity) (protocol.Answer, error) {
			return nil, errors.New("down")
		})
	now := time.Now()
	p := frames.New(frames.Options{FrameRate: 10, Now: func() time.Time { return now }})
	var codes []protocol.Code
	for range 2 {
		f := p.Answer(t.Context(), frames.Frame{ConnectionID: "c1", Body: []byte(`{"action":"refresh","token":"x","clientId":"k"}`)}, frames.Checks{}, refresh)
		e, _ := f.(protocol.ErrorFrame)
		if e.ClientID != "k" {
			t.Errorf("got %+v, want the clientId", e)
		}
		codes = append(codes, e.Code)
	}
	if want := []protocol.Code{protocol.CodeUnavailable, protocol.CodeRateLimited}; !slices.Equal(codes, want) || checked != 1 {
		t.Errorf("answered %q, and checked %d tokens; want %q, and 1", codes, checked, want)
	}
}
