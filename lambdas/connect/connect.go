// Package connect handles the route $connect. Authentication is open: the
// client says in the query who it is.
package connect

import (
	"context"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Needs are the parts that its service needs.
const Needs = backend.Connections | backend.Messages

// New returns the handler. What it answers, beside 200, is the status of a
// handshake that fails, with an error frame as its body.
func New(s *realtime.Service) route.Handler {
	return func(ctx context.Context, e route.Event) (route.Response, error) {
		err := s.Connect(ctx, realtime.Handshake{
			ConnectionID: e.RequestContext.ConnectionID,
			IP:           e.RequestContext.Identity.SourceIP,
			At:           time.UnixMilli(e.RequestContext.ConnectedAt),
			Query:        e.QueryStringParameters,
		})
		switch {
		case err == nil:
			return route.Respond(http.StatusOK, nil)
		case err.Code == protocol.CodeUnavailable:
			return route.Respond(http.StatusInternalServerError, err.Frame())
		case err.Code == protocol.CodeLimitReached:
			return route.Respond(http.StatusTooManyRequests, err.Frame())
		default:
			return route.Respond(http.StatusBadRequest, err.Frame())
		}
	}
}
