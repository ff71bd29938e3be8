package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/broadcast"
	"github.com/roomcast/roomcast/lambdas/connect"
	"github.com/roomcast/roomcast/lambdas/cursormove"
	"github.com/roomcast/roomcast/lambdas/disconnect"
	"github.com/roomcast/roomcast/lambdas/fallback"
	"github.com/roomcast/roomcast/lambdas/join"
	"github.com/roomcast/roomcast/lambdas/leave"
	"github.com/roomcast/roomcast/lambdas/notify"
	"github.com/roomcast/roomcast/lambdas/ping"
	"github.com/roomcast/roomcast/lambdas/presence"
	"github.com/roomcast/roomcast/lambdas/sendmessage"
)

// handler is one of the functions that this program can be.
type handler struct {
	// needs are the parts that its service needs.
	needs backend.Parts
	// make returns what package lambda calls.
	make func(*realtime.Service) any
}

// handlers are the values of _HANDLER.
var handlers = map[string]handler{
	"connect":     of(connect.Needs, connect.New),
	"disconnect":  of(disconnect.Needs, disconnect.New),
	"fallback":    of(fallback.Needs, fallback.New),
	"sendmessage": of(sendmessage.Needs, sendmessage.New),
	"join":        of(join.Needs, join.New),
	"leave":       of(leave.Needs, leave.New),
	"cursormove":  of(cursormove.Needs, cursormove.New),
	"notify":      of(notify.Needs, notify.New),
	"presence":    of(presence.Needs, presence.New),
	"ping":        of(ping.Needs, ping.New),
	"broadcast":   of(broadcast.Needs, broadcast.New),
}

func of[H any](needs backend.Parts, makeHandler func(*realtime.Service) H) handler {
	return handler{needs: needs, make: func(s *realtime.Service) any { return makeHandler(s) }}
}

func find(name string) (handler, error) {
	h, ok := handlers[name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(handlers)), ", ")
		return handler{}, fmt.Errorf("no handler %q: set the function's Handler (_HANDLER) to one of: %s", name, names)
	}
	return h, nil
}
