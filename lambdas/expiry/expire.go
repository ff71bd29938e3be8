// Package expiry handles the event of a schedule that fires every minute: it
// closes the connections whose token has ended.
package expiry

import (
	"context"

	"github.com/aws/aws-lambda-go/events"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Handler handles the events of a schedule.
type Handler func(context.Context, events.EventBridgeEvent) error

// New returns the handler. When an event came does not count, only the clock:
// events may be late, come twice, or not at all. An error shows in the
// function's metrics and log, and makes Lambda try again.
func New(s *session.Sweeper) Handler {
	return func(ctx context.Context, _ events.EventBridgeEvent) error {
		_, err := s.Sweep(ctx)
		return err
	}
}
