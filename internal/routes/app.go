package routes

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// App is what the actions are carried out by.
type App struct {
	*realtime.App
	// OwnActions are the actions that the application has besides Roomcast's, for
	// the answer to an action that does not exist.
	OwnActions []string
}

// Router answers the frames of clients by the table.
type Router struct {
	app      App
	pipeline *frames.Pipeline
	served   map[string]bound
}

// bound is a route and what answers its frames.
type bound struct {
	Route
	handler frames.Handler
}

// NewRouter returns a router of some routes of the table.
func NewRouter(app App, pipeline *frames.Pipeline, served ...Route) *Router {
	r := &Router{app: app, pipeline: pipeline, served: map[string]bound{}}
	for _, route := range served {
		if route.Handler != nil {
			r.served[route.Key] = bound{route, route.Handler(app)}
		}
	}
	return r
}

// Answer returns the frame that answers a frame of the route f.Action, nil for none.
// On a route that sends no responses it posts the answer itself, and returns nil.
func (r *Router) Answer(ctx context.Context, f frames.Frame) (protocol.Frame, error) {
	route, ok := r.served[f.Action]
	if !ok {
		return nil, fmt.Errorf("this function does not serve the route %q", f.Action)
	}
	answer := r.pipeline.Answer(ctx, f, route.Checks, route.handler)
	if route.OneWay && answer != nil {
		r.app.Replier.Reply(ctx, f.ConnectionID, answer)
		return nil, nil
	}
	return answer, nil
}
