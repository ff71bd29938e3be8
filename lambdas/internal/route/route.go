package route

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// Event is what API Gateway invokes a route's function with.
type Event = events.APIGatewayWebsocketProxyRequest

// Response is what a route's function answers. API Gateway takes the body for
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

// Message returns the handler for a route of messages. answer gets the sender
// and what it sent, and returns the frame to answer, nil for none.
func Message(answer func(ctx context.Context, connectionID string, body []byte) protocol.Frame) Handler {
	return func(ctx context.Context, e Event) (Response, error) {
		return Respond(200, answer(ctx, e.RequestContext.ConnectionID, []byte(e.Body)))
	}
}

// OneWay returns the handler for a route of messages that sends no responses: the
// rare answer is posted by reply. The context of answer has the time at which API
// Gateway got the message.
func OneWay(answer func(ctx context.Context, connectionID string, body []byte) protocol.Frame,
	reply func(ctx context.Context, connectionID string, frame protocol.Frame)) Handler {
	return func(ctx context.Context, e Event) (Response, error) {
		connectionID := e.RequestContext.ConnectionID
		if at := e.RequestContext.RequestTimeEpoch; at > 0 {
			ctx = realtime.WithArrival(ctx, time.UnixMilli(at))
		}
		if frame := answer(ctx, connectionID, []byte(e.Body)); frame != nil {
			reply(ctx, connectionID, frame)
		}
		return Respond(200, nil)
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
