package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/lambdas/acknotification"
	"github.com/roomcast/roomcast/lambdas/authorizer"
	"github.com/roomcast/roomcast/lambdas/broadcast"
	"github.com/roomcast/roomcast/lambdas/connect"
	"github.com/roomcast/roomcast/lambdas/cursormove"
	"github.com/roomcast/roomcast/lambdas/cursors"
	"github.com/roomcast/roomcast/lambdas/disconnect"
	"github.com/roomcast/roomcast/lambdas/expire"
	"github.com/roomcast/roomcast/lambdas/fallback"
	"github.com/roomcast/roomcast/lambdas/history"
	"github.com/roomcast/roomcast/lambdas/inbox"
	"github.com/roomcast/roomcast/lambdas/join"
	"github.com/roomcast/roomcast/lambdas/leave"
	"github.com/roomcast/roomcast/lambdas/notify"
	"github.com/roomcast/roomcast/lambdas/ping"
	"github.com/roomcast/roomcast/lambdas/presence"
	"github.com/roomcast/roomcast/lambdas/sendmessage"
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
	service *realtime.Service
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
var handlers = map[string]handler{
	"disconnect":      of(disconnect.Needs, disconnect.New),
	"fallback":        of(fallback.Needs, fallback.New),
	"sendmessage":     of(sendmessage.Needs, sendmessage.New),
	"join":            of(join.Needs, join.New),
	"leave":           of(leave.Needs, leave.New),
	"history":         of(history.Needs, history.New),
	"cursormove":      of(cursormove.Needs, cursormove.New),
	"notify":          of(notify.Needs, notify.New),
	"inbox":           of(inbox.Needs, inbox.New),
	"acknotification": of(acknotification.Needs, acknotification.New),
	"presence":        of(presence.Needs, presence.New),
	"ping":            of(ping.Needs, ping.New),
	"cursors":         of(cursors.Needs, cursors.New),
	"expire":          of(expire.Needs, expire.New),

	"connect": {
		needs: connect.Needs,
		make:  func(p parts) any { return connect.New(p.service, p.auth) },
	},
	"broadcast": {
		needs: broadcast.Needs,
		make:  func(p parts) any { return broadcast.New(p.service, p.postpone, p.maxReceives) },
	},
	"authorizer": {
		needs: authorizer.Needs, tokens: true,
		make: func(p parts) any { return authorizer.New(p.tokens, p.service) },
	},
}

func of[H any](needs backend.Parts, makeHandler func(*realtime.Service) H) handler {
	return handler{needs: needs, make: func(p parts) any { return makeHandler(p.service) }}
}

func find(name string) (handler, error) {
	h, ok := handlers[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
		return handler{}, fmt.Errorf("no handler %q: set the function's Handler (_HANDLER) to one of: %s", name, names)
	}
	return h, nil
}
