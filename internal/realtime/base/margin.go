package base

import (
	"context"
	"time"
)

// replyMargin is how much of its caller's deadline a capability leaves, to answer
// and to queue what is left.
const replyMargin = 500 * time.Millisecond

// WithMargin returns a context that ends a little before ctx does.
func WithMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-replyMargin))
}
