package session

import (
	"context"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Disconnect returns the handler of $disconnect, which API Gateway calls for most
// connections that end, but not for all. Nobody reads the answer; an error shows in
// the function's metrics and log.
func Disconnect(s *session.Disconnector) route.Handler {
	return func(ctx context.Context, e route.Event) (route.Response, error) {
		if err := s.Disconnect(ctx, e.RequestContext.ConnectionID, time.UnixMilli(e.RequestContext.ConnectedAt)); err != nil {
			return route.Response{}, err
		}
		return route.Respond(http.StatusOK, nil)
	}
}
