package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

// Required are the environment variables that the handler needs.
var Required = []string{settings.ConnectionTable}

// retryAfter is how long a client waits before it refreshes again when the keys
// are not available.
const retryAfter = 2 * time.Second

// ErrRefused is the result of a decision that refuses a user.
var ErrRefused = errors.New("the user is refused")

// Request describes the user to decide about, whose token is valid.
type Request struct {
	UserID string
	// Claims are all claims of the token.
	Claims map[string]any
	// IP is the client's address.
	IP string
	// RoomID is the room that the client asks to join as it connects, as the
	// client wrote it; "" if it asks for none.
	RoomID string
	// Refresh reports whether the client is connected already and presents a newer
	// token.
	Refresh bool
}

// Decide returns what a user may do, [ErrRefused] for a user who must not
// connect, or another error if it cannot tell.
type Decide func(context.Context, Request) (permission.Permissions, error)

// refresher gives a connection the identity of a newer token.
type refresher interface {
	Refresh(ctx context.Context, connectionID string, id session.Identity) (protocol.Answer, error)
}

// Handler handles the events of the authorizer of $connect and of the route
// refresh.
type Handler struct {
	tokens   *token.Verifier
	sessions refresher
	pipeline *frames.Pipeline
	decide   Decide // nil: the claims decide
	logger   *slog.Logger
}

// New returns the handler. decide decides about permissions; if it is nil, the
// token's claim does.
func New(tokens *token.Verifier, sessions *session.Refresher, pipeline *frames.Pipeline, decide Decide) *Handler {
	return &Handler{tokens: tokens, sessions: sessions, pipeline: pipeline, decide: decide, logger: slog.Default()}
}

// Handle handles an event; package lambda calls it.
func (h *Handler) Handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("invalid event: expected one of API Gateway: %w", err)
	}
	switch {
	case e.Type == request:
		return h.admit(ctx, e)
	case e.Type == "" && e.RequestContext.RouteKey == protocol.ActionRefresh:
		return respond(h.refresh(ctx, e))
	}
	return nil, fmt.Errorf("invalid event: expected a handshake or the route %s, got %q", protocol.ActionRefresh, e.RequestContext.RouteKey)
}

// admit decides about a handshake. API Gateway answers unauthorized with status
// 401, and every other error with 500.
func (h *Handler) admit(ctx context.Context, e event) (any, error) {
	if e.MethodARN == "" {
		return nil, errors.New("the event has no methodArn: this function answers to a WebSocket API's authorizer of type REQUEST")
	}
	text, err := tokenOf(e)
	if err != nil {
		return nil, h.refuse(ctx, e, err)
	}
	id, err := h.identify(ctx, e, text)
	if err != nil {
		if why := refusal(err); why != nil {
			return nil, h.refuse(ctx, e, why)
		}
		h.logger.ErrorContext(ctx, "a token could not be checked", "error", err, "connectionId", e.RequestContext.ConnectionID)
		return nil, errors.New("the token could not be checked")
	}
	values, err := id.Context()
	if err != nil {
		return nil, err
	}
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: id.UserID,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{{
			Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{e.MethodARN},
		}}},
		Context: values,
	}, nil
}

// refuse logs why a handshake is refused, without anything that the client
// sent.
func (h *Handler) refuse(ctx context.Context, e event, why error) error {
	h.logger.InfoContext(ctx, "a handshake is refused", "reason", why.Error(),
		"connectionId", e.RequestContext.ConnectionID, "ip", e.RequestContext.Identity.SourceIP)
	return unauthorized(why)
}

// unauthorized is the only error that API Gateway answers with status 401, by
// its text. Its type is the reason, which only the operator of the function
// sees; the local gateway shows it to the developer.
func unauthorized(why error) error {
	return messages.InvokeResponse_Error{Message: "Unauthorized", Type: why.Error()}
}

// refusal returns a public reason why the client must not continue, or nil if
// that is not known.
func refusal(err error) error {
	var reason token.Reason
	switch {
	case errors.As(err, &reason):
		return reason
	case errors.Is(err, ErrRefused):
		return ErrRefused
	}
	return nil
}

// identify returns the user of a token, and what that user may do.
func (h *Handler) identify(ctx context.Context, e event, text string) (session.Identity, error) {
	claims, err := h.tokens.Verify(ctx, text)
	if err != nil {
		return session.Identity{}, err
	}
	id := session.Identity{UserID: claims.UserID, Permissions: claims.Permissions, TokenExpiresAt: claims.ExpiresAt}
	if h.decide != nil {
		id.Permissions, err = h.decide(ctx, Request{
			UserID: claims.UserID, Claims: claims.All, IP: e.RequestContext.Identity.SourceIP,
			RoomID: e.QueryStringParameters["roomId"], Refresh: e.Type != request,
		})
		if err != nil {
			return session.Identity{}, fmt.Errorf("decide about permissions: %w", err)
		}
	}
	// They have to be readable where the context arrives, and fit into it.
	if _, err := permission.Encode(id.Permissions); err != nil {
		if h.decide == nil {
			return session.Identity{}, token.Permissions
		}
		return session.Identity{}, fmt.Errorf("decide about permissions: %w", err)
	}
	return id, nil
}
