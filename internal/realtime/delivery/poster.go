package delivery

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// What can become of a post. Any other error means that another attempt may help.
var (
	// ErrGone says that there is no such connection. It can be wrong: for a
	// connection whose handshake has not ended, or if API Gateway errs.
	ErrGone = errors.New("the connection is gone")
	// ErrThrottled says that there were too many posts, or that the client reads too
	// slowly. A later attempt may help.
	ErrThrottled = errors.New("throttled")
	// ErrRefused says that this post is never accepted.
	ErrRefused = errors.New("the post was refused")
)

// Payload is a frame as it is posted, often to many connections. What every post of
// it is signed with is computed once.
type Payload struct {
	// Data is the frame. It must not be changed.
	Data []byte
	// Hash is the SHA-256 of Data, in lower-case hexadecimal.
	Hash string
}

// NewPayload returns the payload of a frame.
func NewPayload(frame []byte) Payload {
	sum := sha256.Sum256(frame)
	return Payload{Data: frame, Hash: hex.EncodeToString(sum[:])}
}

// Sender posts frames to connections. Its calls give up after a few seconds, even if
// the context has no deadline.
type Sender interface {
	// Post sends a frame to a connection. The errors above say what a failure means.
	// After any other error the frame may have been sent.
	Post(ctx context.Context, connectionID string, p Payload) error
}

// Poster posts frames to connections and finds out which connections are gone.
type Poster interface {
	Sender

	// Confirm asks whether a connection exists: nil if it does, ErrGone if it does not,
	// any other error if that could not be learned.
	Confirm(ctx context.Context, connectionID string) error
}
