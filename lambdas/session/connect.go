// Package session handles the start and the end of connections: the routes $connect
// and $disconnect.
package session

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/lambdas/internal/route"
)

// Connect returns the handler of $connect. auth says who decides who a client is:
// the client itself, in its query, with settings.OpenAuth; the API's authorizer with
// settings.TokenAuth, or anything else. A handshake that fails is answered with a
// status other than 200 and an error frame as the body.
func Connect(s *session.Connector, auth string) route.Handler {
	identify := proved
	if auth == settings.OpenAuth {
		identify = claimed
	}
	return func(ctx context.Context, e route.Event) (route.Response, error) {
		id, err := identify(ctx, e)
		if err == nil {
			err = s.Connect(ctx, session.Handshake{
				Identity:     id,
				ConnectionID: e.RequestContext.ConnectionID,
				IP:           e.RequestContext.Identity.SourceIP,
				At:           time.UnixMilli(e.RequestContext.ConnectedAt),
				Query:        e.QueryStringParameters,
			})
		}
		if err != nil {
			return route.Respond(err.Code.Status(), err.Frame())
		}
		return route.Response{StatusCode: http.StatusOK, Headers: subprotocol(e)}, nil
	}
}

// claimed returns who the client says it is.
func claimed(_ context.Context, e route.Event) (session.Identity, *protocol.Error) {
	userID, err := protocol.DecodeUserID(e.QueryStringParameters)
	return session.Identity{UserID: userID, Permissions: permission.Everything()}, err
}

// proved returns who the API's authorizer says the client is. Nothing else counts: a
// client can put any userId into the query.
func proved(ctx context.Context, e route.Event) (session.Identity, *protocol.Error) {
	said, _ := e.RequestContext.Authorizer.(map[string]any)
	id, err := session.IdentityOf(said)
	if err != nil {
		slog.ErrorContext(ctx, "a handshake is refused: the authorizer of $connect did not say who the client is",
			"connectionId", e.RequestContext.ConnectionID, "error", err)
		return session.Identity{}, protocol.Errorf(protocol.CodeBadToken, "the authorizer of this API did not say who you are")
	}
	return id, nil
}
