package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/authorizer"
	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/lambdas/broadcast"
	"github.com/roomcast/roomcast/lambdas/cursors"
	"github.com/roomcast/roomcast/lambdas/expiry"
	"github.com/roomcast/roomcast/lambdas/internal/route"
	"github.com/roomcast/roomcast/lambdas/session"
)

// handler is one of the functions that this program can run.
type handler struct {
	// required are the environment variables that it needs. tokens is set if it checks
	// tokens.
	required []string
	tokens   bool
	// make returns what package lambda calls.
	make func(parts) any
}

// parts are what a handler is made of.
type parts struct {
	core     *realtime.App
	pipeline *frames.Pipeline
	// ownActions are the actions of the application's own routes.
	ownActions []string
	// postpone delays jobs of the queue, and maxReceives is how often the queue
	// delivers one. Only a handler that needs the queue has them.
	postpone    backend.Postpone
	maxReceives int
	// auth says what identifies a client. Only a handler that needs it has it.
	auth string
	// tokens checks tokens. Only a handler that needs them has it.
	tokens *token.Verifier
}

// handlers are the functions by the values of _HANDLER.
var handlers = withRoutes(map[string]handler{
	routes.Cursors: of(routes.Cursors, func(p parts) any { return cursors.New(p.core.CursorJobs) }),
	routes.Expiry:  of(routes.Expiry, func(p parts) any { return expiry.New(p.core.Sweeper) }),
	routes.Broadcast: of(routes.Broadcast, func(p parts) any {
		return broadcast.New(p.core.Jobs, p.postpone, p.maxReceives)
	}),
	routes.Authorizer: {
		required: authorizer.Required, tokens: true,
		make: func(p parts) any { return authorizer.New(p.tokens, p.core.Refresher, p.pipeline, nil).Handle },
	},
})

// of returns the handler of a function. It needs what the table says.
func of(function string, makeHandler func(parts) any) handler {
	return handler{required: requiredBy(routes.AccessOf(function)), make: makeHandler}
}

// withRoutes adds the functions that serve routes.
func withRoutes(all map[string]handler) map[string]handler {
	for _, f := range routes.Functions {
		served := routes.Of(f.Name)
		all[f.Name] = of(f.Name, func(p parts) any { return p.serve(served) })
	}
	return all
}

// serve returns what answers the events of routes.
func (p parts) serve(served []routes.Route) route.Handler {
	router := routes.NewRouter(routes.App{App: p.core, OwnActions: p.ownActions}, p.pipeline, served...)
	events := map[string]route.Handler{} // those that are no frames
	for _, r := range served {
		switch r.Key {
		case routes.Connect:
			events[r.Key] = session.Connect(p.core.Connector, p.auth)
		case routes.Disconnect:
			events[r.Key] = session.Disconnect(p.core.Disconnector)
		}
	}
	return route.Serve(router, events)
}

// requiredBy returns the environment variables that it takes to make the calls of a.
func requiredBy(a routes.Access) []string {
	var required []string
	for _, v := range []struct {
		name   string
		needed bool
	}{
		{settings.ConnectionTable, len(a.Connections) > 0},
		{settings.MessageTable, len(a.Messages) > 0},
		{settings.CallbackURL, len(a.Sockets) > 0},
		{settings.BroadcastQueueURL, a.Broadcasts},
		{settings.CursorQueueURL, a.Cursors},
		{settings.Auth, slices.Contains(a.Env, settings.Auth)},
	} {
		if v.needed {
			required = append(required, v.name)
		}
	}
	return required
}

func find(name string) (handler, error) {
	h, ok := handlers[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
		return handler{}, fmt.Errorf("no handler %q: set the function's Handler (_HANDLER) to one of: %s", name, names)
	}
	return h, nil
}
