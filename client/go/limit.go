package roomcast

import (
	"context"
	"fmt"
	"time"
)

// bound returns a context that ends after CallTimeout with ErrTimeout, if it
// does not end before.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.opts.CallTimeout, ErrTimeout)
}

// late says of a call that took too long how things stand. Any other error it
// returns as it is.
func (c *Client) late(err error, standing string) error {
	if err == error(ErrTimeout) {
		c.lock(func() { err = c.noConnection(fmt.Sprintf("%s after %v", standing, c.opts.CallTimeout)) })
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
		c.settle(q, nil, &Error{
			Code: ErrTimeout.Code, Message: fmt.Sprintf("no answer to %s within %v; it may have been carried out", q.action, q.limit),
			cause: q.setback,
		})
	}
}

// notSent makes the error of what waited to be sent for too long. With c.mu held.
func (c *Client) notSent(what string, limit time.Duration) error {
	return c.noConnection(fmt.Sprintf("%s was not sent within %v", what, limit))
}

// noConnection makes an ErrTimeout that says why there is no connection, if there
// is none. With c.mu held.
func (c *Client) noConnection(message string) error {
	e := &Error{Code: ErrTimeout.Code, Message: message}
	if c.active == nil && c.failure != nil {
		e.Message, e.cause = fmt.Sprintf("%s: %v", message, c.failure), c.failure
	}
	return e
}
