// Package fallback handles the route $default, where frames go that no other
// route takes.
package fallback

import (
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Needs are the parts that its service needs: none.
const Needs = 0

// New returns the handler.
func New(s *realtime.Service) route.Handler {
	return route.Message(s.Fallback)
}
