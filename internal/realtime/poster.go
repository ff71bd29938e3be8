package realtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Payload is a frame as it is posted, often to many connections: what every
// post of it has to be signed with is worked out once.
type Payload struct {
	// Data is the frame. It is not changed any more.
	Data []byte
	// Hash is the SHA-256 of Data, in lower-case hexadecimal.
	Hash string
}

// NewPayload returns the payload of a frame.
func NewPayload(frame []byte) Payload {
	sum := sha256.Sum256(frame)
	return Payload{Data: frame, Hash: hex.EncodeToString(sum[:])}
}

// Poster sends frames to connections, and ends them. Its calls give up after a
// few seconds, even when the context has no end.
type Poster interface {
	// Post sends a frame to a connection. The errors above say what a failure
	// means. After any other error the frame may have been sent.
	Post(ctx context.Context, connectionID string, p Payload) error

	// Confirm asks whether a connection exists: nil if it does, ErrGone if it
	// does not, any other error if that could not be learned.
	Confirm(ctx context.Context, connectionID string) error

	// Close ends a connection and closes its socket: nil if it was there,
	// ErrGone if it was not. The errors are those of Post.
	Close(ctx context.Context, connectionID string) error
}
