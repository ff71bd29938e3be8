package authorizer

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// response is what the route's function answers: just what API Gateway knows.
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
	req, err := protocol.DecodeRefresh([]byte(e.Body))
	var bad *protocol.Error
	if errors.As(err, &bad) {
		return bad.Frame()
	}
	return h.service.RefreshToken(ctx, e.RequestContext.ConnectionID, req, func(ctx context.Context) (realtime.Identity, error) {
		id, err := h.identify(ctx, e, req.Token)
		if err != nil {
			return realtime.Identity{}, h.refuseRefresh(ctx, e, err)
		}
		return id, nil
	})
}

// refuseRefresh logs why a token is not taken, and returns the error for the
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
