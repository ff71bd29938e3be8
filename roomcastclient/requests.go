package roomcastclient

import (
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// resendWindow is how long after the first transmission a copy may be sent. It is
// shorter than the time for which the server recognizes one.
const resendWindow = dedupWindow - 30*time.Second

// noLimit is the limit of a request that only its context ends.
const noLimit = -1

// request is a frame that is sent until it has its reply: again after a time without
// one, on the next connection, and when the server could not process it.
type request struct {
	id        string // the clientId, which the reply repeats
	action    string
	frameRoom string // the room that the frame names, "" for none
	frame     []byte
	// requiredRoom must be joined on the connection first, "" for none.
	requiredRoom string
	// boundTo is the only connection on which the request makes sense, nil for any.
	boundTo *connection
	// deduplicated says that the server recognizes a copy, for dedupWindow.
	deduplicated bool
	// sendOnce says that the server does not recognize a copy.
	sendOnce bool
	// anyReply says that every reply will do: it proves that the connection works.
	anyReply bool
	// limit is how long the request may take, 0 or noLimit for any time.
	limit time.Duration
	// onNoReply is called instead of sending the request again.
	onNoReply func()
	// done is called once, with the reply or an error. The caller holds c.mu.
	done func(in *incoming, err error)

	sentOn        *connection // where it was sent, nil while it waits to be sent
	paused        bool        // it waits to be sent again
	replyTimer    *timer      // for the reply, or for the pause
	dedupTimer    *timer      // for deduplicated
	limitTimer    *timer      // for limit
	firstSent     time.Time   // by the monotonic clock
	firstSentWall time.Time   // by the wall clock
	attempts      int
	uncertain     int    // attempts that the server may have processed
	lastRefusal   *Error // of the last attempt for which the server did nothing
	lastFailure   error  // what the last reply said instead of succeeding
}

// startRequest registers a request and sends it. The caller holds c.mu.
func (c *Client) startRequest(q *request) {
	c.requests[q.id] = q
	if q.limit > 0 {
		q.limitTimer = c.after(q.limit, func() { c.requestTimedOut(q) })
	}
	c.transmit(q)
}

// setFrame sets the frame of a request, and which reply it accepts.
func (q *request) setFrame(out outgoing) (err error) {
	q.id, q.action, q.frameRoom = out.ClientID, out.Action, out.RoomID
	q.frame, err = out.encode()
	return err
}

// age is the time since the first transmission. While a machine sleeps only the
// wall clock runs; the monotonic clock is never set back.
func (c *Client) age(q *request) time.Duration {
	return max(time.Since(q.firstSent), c.opts.now().Sub(q.firstSentWall))
}

// transmit sends a request if it can be sent now. The caller holds c.mu.
func (c *Client) transmit(q *request) {
	q.replyTimer.stop()
	q.sentOn = nil
	if q.deduplicated && !q.firstSent.IsZero() && c.age(q) >= resendWindow {
		c.finish(q, nil, q.finalError())
		return
	}
	conn := c.active
	if q.boundTo != nil {
		conn = q.boundTo
	}
	if conn == nil || conn.gone || conn.token.expired && q.action != protocol.ActionRefresh && !q.anyReply || q.requiredRoom != "" && !conn.joined[q.requiredRoom] {
		return
	}
	if q.firstSent.IsZero() {
		q.firstSent, q.firstSentWall = time.Now(), c.opts.now()
		if q.deduplicated {
			c.expireIn(q, resendWindow)
		}
	}
	// The last copy gets its full time for a reply before the outcome counts as
	// unknown, so that it cannot overtake what is sent after it.
	var until time.Time
	if q.deduplicated {
		left := resendWindow - c.age(q)
		if left < c.opts.RequestTimeout {
			c.expireIn(q, left)
			return
		}
		until = c.opts.now().Add(left)
	}
	q.sentOn = conn
	q.attempts++
	q.uncertain++
	conn.send(q.frame, until)
	q.replyTimer = c.after(c.opts.RequestTimeout, func() {
		if q.onNoReply != nil {
			q.onNoReply()
			return
		}
		c.verifyAlive(conn)
		if !q.sendOnce {
			c.transmit(q)
		}
	})
}

// finalError returns the error of a request that cannot be sent again: why the
// server did nothing for any of its copies, or that it may have been carried out.
func (q *request) finalError() error {
	if q.uncertain == 0 && q.lastRefusal != nil {
		return q.lastRefusal
	}
	return errOutcomeUnknown()
}

// expireIn ends a request after a delay. The caller holds c.mu.
func (c *Client) expireIn(q *request, in time.Duration) {
	q.dedupTimer.stop()
	q.dedupTimer = c.after(in, func() { c.finish(q, nil, q.finalError()) })
}

// sendWaiting sends the requests that could not be sent before. The caller holds
// c.mu.
func (c *Client) sendWaiting() {
	for _, q := range c.requests {
		if q.sentOn == nil && !q.paused {
			c.transmit(q)
		}
	}
}

// retryIn sends a request again after a delay. The caller holds c.mu.
func (c *Client) retryIn(q *request, in time.Duration) {
	q.replyTimer.stop()
	q.paused = true
	q.replyTimer = c.after(in, func() {
		q.paused = false
		c.transmit(q)
	})
}

// finish ends a request with its reply or an error. The caller holds c.mu.
func (c *Client) finish(q *request, in *incoming, err error) {
	delete(c.requests, q.id)
	q.replyTimer.stop()
	q.dedupTimer.stop()
	q.limitTimer.stop()
	q.done(in, err)
}

// receiveReply handles the reply to a request. The caller holds c.mu.
func (c *Client) receiveReply(conn *connection, in *incoming) {
	q := c.requests[in.ClientID]
	if q == nil || !in.answers(q.action, q.frameRoom) {
		return // it answers a copy, or a call that has already returned
	}
	if in.Type != "error" {
		c.finish(q, in, nil)
		return
	}
	err := in.failure()
	if q.anyReply && err.Code != CodeNotConnected {
		c.finish(q, nil, err)
		return
	}
	q.lastFailure = err
	switch err.Code {
	case CodeTokenExpired:
		if q.action == protocol.ActionRefresh {
			c.finish(q, nil, err)
			return
		}
		q.markRefused(err)
		c.tokenExpired(conn, err)
	case CodeRateLimited:
		q.markRefused(err)
		c.retryIn(q, err.RetryAfter+c.backoff(q.attempts))
	case CodeUnavailable:
		if q.sendOnce {
			c.finish(q, nil, err)
			return
		}
		c.retryIn(q, err.RetryAfter+c.backoff(q.attempts))
	case CodeNotConnected:
		if q.sendOnce {
			q.markRefused(err) // so that it is sent again
		}
		c.connectionLost(conn, err)
	case CodeNotInRoom:
		c.receiveNotInRoom(conn, q, err)
	default:
		q.markRefused(err)
		c.finish(q, nil, q.refusalError(err))
	}
}

// refusalError returns the error for a refusal of the last copy. A missing
// permission now says nothing about the copies before.
func (q *request) refusalError(err *Error) error {
	if q.deduplicated && q.uncertain > 0 && (err.Code == CodeForbidden || err.Code == CodeNotInRoom) {
		return errOutcomeUnknown()
	}
	return err
}

// markRefused notes that the server did nothing for the last copy. The request is
// sent again or finished next.
func (q *request) markRefused(why *Error) {
	q.replyTimer.stop()
	q.sentOn = nil
	q.uncertain--
	q.lastRefusal = why
}

// receiveNotInRoom handles that the server refused a request because the
// connection is not in its room. The client joins the room again if it is to be in
// it. The caller holds c.mu.
func (c *Client) receiveNotInRoom(conn *connection, q *request, err *Error) {
	r := c.rooms[q.requiredRoom]
	q.markRefused(err)
	if r == nil || q.boundTo != nil {
		c.finish(q, nil, q.refusalError(err))
		return
	}
	delete(conn.joined, r.id)
	var pause time.Duration
	if q.attempts > 1 {
		pause = c.backoff(q.attempts)
	}
	c.retryIn(q, pause)
	c.syncRoom(conn, r)
}

// receiveGatewayError handles a frame of API Gateway itself, which says that some
// request on a connection failed, but not which one. The caller holds c.mu.
func (c *Client) receiveGatewayError(conn *connection, in *incoming) {
	var sent []*request
	for _, q := range c.requests {
		if q.sentOn == conn && !q.paused {
			sent = append(sent, q)
		}
	}
	for _, q := range sent {
		if q.sendOnce {
			if len(sent) == 1 {
				c.finish(q, nil, &Error{Code: CodeUnavailable, Message: "API Gateway: " + in.Message})
			}
			continue // this may not be the one that failed
		}
		pause := c.backoff(q.attempts)
		if len(sent) > 1 {
			// This leaves time for the replies to the others.
			pause += c.opts.RetryBase
		}
		c.retryIn(q, pause)
	}
}
