package roomcastclient

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errTimeLimit is the cause of a context that reached the limit of a call.
var errTimeLimit = errors.New("time limit reached")

// withTimeLimit returns a context that ends after the limit of a call, with
// errTimeLimit as its cause, unless it ends before.
func withTimeLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, errTimeLimit)
}

// timeLimitError turns errTimeLimit into an error that says how things stand. It
// returns any other error as it is.
func (c *Client) timeLimitError(err error, standing string, limit time.Duration) error {
	if err == errTimeLimit && !c.lock(func() { err = c.timeoutError(fmt.Sprintf("%s after %v", standing, limit)) }) {
		return errClosed()
	}
	return err
}

// requestTimedOut ends a request that has reached its limit, unless the server still
// recognizes copies of it. The caller holds c.mu.
func (c *Client) requestTimedOut(q *request) {
	switch sent := !q.firstSent.IsZero(); {
	case !sent:
		c.finish(q, nil, c.notSentError(q.action, q.limit))
	case !q.deduplicated:
		e := &Error{Code: CodeTimeout, Message: fmt.Sprintf("no reply to %s within %v; it may have been carried out", q.action, q.limit)}
		switch {
		case q.lastFailure != nil:
			e.Message, e.cause = fmt.Sprintf("%s; the last refusal was %v", e.Message, q.lastFailure), q.lastFailure
		case q.sendOnce:
			e.Message += "; the route's function must return the clientId of the frame"
		}
		c.finish(q, nil, e)
	}
}

// notSentError returns the error of a request or message that waited too long to be
// sent. The caller holds c.mu.
func (c *Client) notSentError(what string, limit time.Duration) error {
	return c.timeoutError(fmt.Sprintf("%s was not sent within %v", what, limit))
}

// timeoutError returns an error with CodeTimeout. While there is no connection it
// adds why. The caller holds c.mu.
func (c *Client) timeoutError(message string) error {
	e := &Error{Code: CodeTimeout, Message: message}
	if c.active == nil && c.failure != nil {
		e.Message, e.cause = fmt.Sprintf("%s: %v", message, c.failure), c.failure
	}
	return e
}
