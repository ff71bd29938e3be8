package realtime

import (
	"context"
	"errors"
)

// What can become of a post, beside any other error, which means that another
// try may help.
var (
	// ErrGone says that there is no such connection. It can be wrong: a
	// connection that is just being made, or an API Gateway that errs.
	ErrGone = errors.New("the connection is gone")
	// ErrThrottled says that there were too many posts, or that the client
	// reads too slowly. Another try later may help.
	ErrThrottled = errors.New("throttled")
	// ErrRefused says that this post is not taken, now or later.
	ErrRefused = errors.New("the post was refused")
)

// Poster sends frames to connections.
type Poster interface {
	// Post sends a frame to a connection. The errors above say what a failure
	// means. After any other error the frame may have been sent.
	Post(ctx context.Context, connectionID string, frame []byte) error

	// Confirm asks whether a connection exists: nil if it does, ErrGone if it
	// does not, any other error if that could not be learned.
	Confirm(ctx context.Context, connectionID string) error
}
