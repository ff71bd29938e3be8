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
	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/lambdas/broadcast"
	"github.com/roomcast/roomcast/lambdas/connect"
	"github.com/roomcast/roomcast/lambdas/cursors"
	"github.com/roomcast/roomcast/lambdas/disconnect"
	"github.com/roomcast/roomcast/lambdas/expire"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// handler is one of the functions that this program can be.
type handler struct {
	// needs are the parts that its service needs, and tokens says that it checks
	// tokens.
	needs  backend.Parts
	tokens bool
	// make returns what package lambda calls.
	make func(parts) any
}

// parts are what a handler is made of.
type parts struct {
	service  *realtime.Service
	pipeline *frames.Pipeline
	// ownActions are the actions of the application's own routes.
	ownActions []string
	// postpone is for the jobs of the queue, and maxReceives is how often it
	// hands out one of them. Only a handler that needs the queue has them.
	postpone    backend.Postpone
	maxReceives int
	// auth says who decides who a client is. Only a handler that needs it has it.
	auth string
	// tokens checks tokens. Only a handler that needs them has it.
	tokens *token.Verifier
}

// handlers are the values of _HANDLER.
var handlers = withRoutes(map[string]handler{
	"cursors": of(backend.Connections|backend.Poster, cursors.New),
	"expire":  of(backend.Connections|backend.Poster, expire.New),
	"connect": {
		needs: backend.Connections | backend.Messages | backend.Auth,
		make:  func(p parts) any { return connect.New(p.service, p.auth) },
	},
	"disconnect": of(backend.Connections, disconnect.New),
	"broadcast": {
		needs: backend.Connections | backend.Messages | backend.Poster | backend.Queue,
		make:  func(p parts) any { return broadcast.New(p.service, p.postpone, p.maxReceives) },
	},
	routes.Authorizer: {
		needs: authorizer.Needs, tokens: true,
		make: func(p parts) any { return authorizer.New(p.tokens, p.service, p.pipeline, nil).Handle },
	},
})

func of[H any](needs backend.Parts, makeHandler func(*realtime.Service) H) handler {
	return handler{needs: needs, make: func(p parts) any { return makeHandler(p.service) }}
}

// withRoutes adds the functions that answer the frames of the route table.
func withRoutes(all map[string]handler) map[string]handler {
	for _, r := range routes.Routes {
		if r.Handler == nil {
			continue
		}
		all[r.Function] = handler{needs: partsOf(r.Access), make: func(p parts) any {
			app := routes.App{Service: p.service, OwnActions: p.ownActions}
			return route.Frames(routes.NewRouter(app, p.pipeline, r), r)
		}}
	}
	return all
}

// partsOf returns the parts of a service that make the calls of a.
func partsOf(a routes.Access) backend.Parts {
	var needs backend.Parts
	for part, needed := range map[backend.Parts]bool{
		backend.Connections: len(a.Connections) > 0,
		backend.Messages:    len(a.Messages) > 0,
		backend.Poster:      len(a.Sockets) > 0,
		backend.Queue:       a.Broadcasts,
		backend.CursorQueue: a.Cursors,
	} {
		if needed {
			needs |= part
		}
	}
	return needs
}

func find(name string) (handler, error) {
	h, ok := handlers[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
		return handler{}, fmt.Errorf("no handler %q: set the function's Handler (_HANDLER) to one of: %s", name, names)
	}
	return h, nil
}
