// Package cursormove handles the route cursorMove.
package cursormove

import (
	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Needs are the parts that its service needs.
const Needs = backend.Connections | backend.Messages | backend.Poster | backend.CursorQueue

// New returns the handler.
func New(s *realtime.Service) route.Handler {
	return route.OneWay(s.CursorMove, s.Reply)
}
