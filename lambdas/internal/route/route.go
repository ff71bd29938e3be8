package route

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/routes"
)

// Event is what API Gateway invokes a route's function with.
type Event = events.APIGatewayWebsocketProxyRequest

// Response is what a route's function returns. API Gateway takes the body for
// the handshake's or, if the route returns responses, sends it as a frame. It
// is not the type of package events, because that writes out fields that are
// empty: a route that answers nothing has no body at all.
type Response struct {
	StatusCode int `json:"statusCode"`
	// Headers are those of a handshake's answer. A frame has none.
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// Handler handles the events of a route.
type Handler func(context.Context, Event) (Response, error)

// Serve returns the handler of a function. It hands the events of some routes to
// handlers of their own, and the frames of the others to a router, which serves
// them.
func Serve(router *routes.Router, events map[string]Handler) Handler {
	return func(ctx context.Context, e Event) (Response, error) {
		key := e.RequestContext.RouteKey
		if handle, ok := events[key]; ok {
			return handle(ctx, e)
		}
		f := frames.Frame{Action: key, ConnectionID: e.RequestContext.ConnectionID, Body: []byte(e.Body)}
		if at := e.RequestContext.RequestTimeEpoch; at > 0 {
			f.ReceivedAt = time.UnixMilli(at)
		}
		answer, err := router.Answer(ctx, f)
		if err != nil {
			return Response{}, err
		}
		return Respond(200, answer)
	}
}

// Respond returns a response with a frame as its body, or none if it is nil.
func Respond(status int, frame protocol.Frame) (Response, error) {
	if frame == nil {
		return Response{StatusCode: status}, nil
	}
	body, err := protocol.Encode(frame)
	if err != nil {
		return Response{}, err
	}
	return Response{StatusCode: status, Body: string(body)}, nil
}
