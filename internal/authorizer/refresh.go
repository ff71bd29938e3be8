package authorizer

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/protocol"
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
	connection := e.RequestContext.ConnectionID
	id, err := h.identify(ctx, e, req.Token)
	if err == nil {
		return h.service.RefreshToken(ctx, connection, req, id)
	}
	if why := refusal(err); why != nil {
		h.logger.InfoContext(ctx, "a refresh is refused", "reason", why.Error(), "connectionId", connection)
		bad = protocol.Errorf(protocol.CodeBadToken, "%v", why)
	} else {
		h.logger.ErrorContext(ctx, "a token could not be checked", "error", err, "connectionId", connection)
		bad = protocol.Errorf(protocol.CodeUnavailable, "the token could not be checked: send it again later")
		bad.RetryAfter = retryAfter
	}
	bad.ClientID = req.ClientID
	return bad.Frame()
}
