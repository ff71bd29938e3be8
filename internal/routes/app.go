package routes

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// App is what the actions are carried out by.
type App struct {
	*realtime.App
	// OwnActions are the actions that the application has beside Roomcast's, for
	// the answer to an action that does not exist.
	OwnActions []string
}

// Router answers the frames of clients by the table.
type Router struct {
	app      App
	pipeline *frames.Pipeline
	handlers map[string]frames.Handler
}

// NewRouter returns a router of some routes of the table.
func NewRouter(app App, pipeline *frames.Pipeline, served ...Route) *Router {
	r := &Router{app: app, pipeline: pipeline, handlers: map[string]frames.Handler{}}
	for _, route := range served {
		if route.Handler != nil {
			r.handlers[route.Key] = route.Handler(app)
		}
	}
	return r
}

// Answer returns the frame that answers a frame of a served route, nil for none. On a
// route that sends no responses it posts the answer itself, and returns nil.
func (r *Router) Answer(ctx context.Context, route Route, f frames.Frame) protocol.Frame {
	f.Action = route.Key
	answer := r.pipeline.Answer(ctx, f, route.Rate, r.handlers[route.Key])
	if route.OneWay && answer != nil {
		r.app.Replier.Reply(ctx, f.ConnectionID, answer)
		return nil
	}
	return answer
}
