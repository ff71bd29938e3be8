package roomcastclient

import (
	"context"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/protocol"
)

// callInRoom makes a request about a room that the client is in.
func (c *Client) callInRoom(ctx context.Context, out outgoing) (*incoming, error) {
	if err := protocol.CheckRoomID(out.RoomID); err != nil {
		return nil, invalid(err)
	}
	q := &request{requiredRoom: out.RoomID}
	return c.await(ctx, q, func(id string) error {
		if c.rooms[out.RoomID] == nil { // under the same lock as the start of the request
			return errNotInRoom(out.RoomID)
		}
		out.ClientID = id
		return q.setFrame(out)
	})
}

// errNotInRoom is the error of a call about a room that is not joined.
func errNotInRoom(roomID string) error {
	return &Error{Code: CodeNotInRoom, Message: fmt.Sprintf("room %q is not joined; join it first", roomID)}
}

// call makes a request under a clientId of its own and waits for the reply.
func (c *Client) call(ctx context.Context, out outgoing, q *request) (*incoming, error) {
	return c.await(ctx, q, func(id string) error {
		out.ClientID = id
		return q.setFrame(out)
	})
}

// await makes a request and waits for its reply, for at most its limit or, if that is
// 0, CallTimeout. build fills in the frame, for which it gets a clientId that nothing
// else has.
func (c *Client) await(ctx context.Context, q *request, build func(id string) error) (*incoming, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	answers := make(chan answer[*incoming], 1)
	if q.limit == 0 {
		q.limit = c.opts.CallTimeout
	}
	q.done = func(in *incoming, err error) {
		c.calls--
		answers <- answer[*incoming]{in, err}
	}
	var failed error
	open := c.lock(func() {
		if c.calls >= c.opts.MaxQueued {
			failed = errQueueFull("calls", c.calls)
			return
		}
		if failed = build(c.newID()); failed == nil {
			c.calls++
			c.startRequest(q)
		}
	})
	if !open {
		return nil, errClosed()
	}
	if failed != nil {
		return nil, failed
	}
	in, err := wait(ctx, answers)
	if ctx.Err() != nil {
		c.lock(func() {
			if c.requests[q.id] == q {
				c.finish(q, nil, err)
			}
		})
	}
	return in, err
}

// without returns a list without one element.
func without[T comparable](list []T, one T) []T {
	return slices.DeleteFunc(list, func(other T) bool { return other == one })
}

// answer is the result of a call.
type answer[T any] struct {
	value T
	err   error
}

// wait waits for an answer or the end of ctx. If both happened, it returns the
// answer.
func wait[T any](ctx context.Context, answers <-chan answer[T]) (T, error) {
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-answers:
		return a.value, a.err
	default:
		var zero T
		return zero, context.Cause(ctx)
	}
}
