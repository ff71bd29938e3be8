package authorizer

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/routes"
)

// response is the result of the route's function, with the fields that API
// Gateway knows.
type response struct {
	StatusCode int    `json:"statusCode"`
	Body       string `json:"body"`
}

func respond(frame protocol.Frame) (any, error) {
	body, err := protocol.Encode(frame)
	if err != nil {
		return nil, err
	}
	return response{StatusCode: 200, Body: string(body)}, nil
}

// refresh answers the frame of a refresh.
func (h *Handler) refresh(ctx context.Context, e event) protocol.Frame {
	prove := func(ctx context.Context, text string) (session.Identity, error) {
		id, err := h.identify(ctx, e, text)
		if err != nil {
			return session.Identity{}, h.refuseRefresh(ctx, e, err)
		}
		return id, nil
	}
	return h.pipeline.Answer(ctx, frames.Frame{
		Action: protocol.ActionRefresh, ConnectionID: e.RequestContext.ConnectionID, Body: []byte(e.Body),
	}, frames.Checks{}, routes.Refresh(prove, h.sessions.Refresh))
}

// refuseRefresh logs why a token is refused, and returns the error for the
// client.
func (h *Handler) refuseRefresh(ctx context.Context, e event, err error) error {
	connection := e.RequestContext.ConnectionID
	if why := refusal(err); why != nil {
		h.logger.InfoContext(ctx, "a refresh is refused", "reason", why.Error(), "connectionId", connection)
		return protocol.Errorf(protocol.CodeBadToken, "%v", why)
	}
	h.logger.ErrorContext(ctx, "a token could not be checked", "error", err, "connectionId", connection)
	unavailable := protocol.Errorf(protocol.CodeUnavailable, "the token could not be checked: send it again later")
	unavailable.RetryAfter = retryAfter
	return unavailable
}
