// Package ping handles the route ping.
package ping

import (
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Needs are the parts that its service needs: none.
const Needs = 0

// New returns the handler.
func New(s *realtime.Service) route.Handler {
	return route.Message(s.Ping)
}
