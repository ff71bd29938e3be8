// Package expiry handles the event of a schedule that fires every minute: it
// closes the connections whose token has expired.
package expiry

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Handler handles the events of a schedule.
type Handler func(context.Context, events.EventBridgeEvent) error

// New returns the handler. It goes by the clock, not by the event, which may be late,
// duplicated or lost. An error shows in the function's metrics and log.
func New(s *session.Sweeper) Handler {
	return func(ctx context.Context, _ events.EventBridgeEvent) error {
		_, err := s.Sweep(ctx)
		return err
	}
}
