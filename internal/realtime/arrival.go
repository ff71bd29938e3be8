package realtime

import (
	"context"
	"time"
)

type arrivalKey struct{}

// WithArrival returns a context for answering a frame that reached API Gateway at
// a time.
func WithArrival(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, arrivalKey{}, at)
}

// Arrival returns when the frame that is being answered reached API Gateway, if
// the context says so.
func Arrival(ctx context.Context) (at time.Time, ok bool) {
	at, ok = ctx.Value(arrivalKey{}).(time.Time)
	return at, ok
}

// arrival is [Arrival], or the time now. It is for comparing the frames of one
// connection, which different functions answer, each with a clock of its own.
func (s *Service) arrival(ctx context.Context) time.Time {
	if at, ok := Arrival(ctx); ok {
		return at
	}
	return s.now()
}
