package roomcastclient

import (
	"context"
	"fmt"
	"time"
)

// bound returns a context that ends in a while with ErrTimeout, if it does not
// end before.
func (c *Client) bound(ctx context.Context, in time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, in, ErrTimeout)
}

// late says of a call that reached its bound how things stand. Any other error it
// returns as it is.
func (c *Client) late(err error, standing string, after time.Duration) error {
	if err == error(ErrTimeout) {
		c.lock(func() { err = c.noConnection(fmt.Sprintf("%s after %v", standing, after)) })
	}
	return err
}

// overdue ends a request that has reached its limit, unless the server takes
// copies of it for longer. With c.mu held.
func (c *Client) overdue(q *request) {
	switch sent := !q.first.IsZero(); {
	case !sent:
		c.settle(q, nil, c.notSent(q.action, q.limit))
	case !q.once:
		e := &Error{Code: ErrTimeout.Code, Message: fmt.Sprintf("no answer to %s within %v; it may have been carried out", q.action, q.limit)}
		switch {
		case q.setback != nil:
			e.Message, e.cause = fmt.Sprintf("%s; the last refusal was %v", e.Message, q.setback), q.setback
		case q.single:
			e.Message += "; the function behind the route has to return the clientId of the frame"
		}
		c.settle(q, nil, e)
	}
}

// notSent makes the error of what waited to be sent for too long. With c.mu held.
func (c *Client) notSent(what string, limit time.Duration) error {
	return c.noConnection(fmt.Sprintf("%s was not sent within %v", what, limit))
}

// noConnection makes an ErrTimeout that, while the client is not connected, says
// why not. With c.mu held.
func (c *Client) noConnection(message string) error {
	e := &Error{Code: ErrTimeout.Code, Message: message}
	if c.active == nil && c.failure != nil {
		e.Message, e.cause = fmt.Sprintf("%s: %v", message, c.failure), c.failure
	}
	return e
}
