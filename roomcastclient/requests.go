package roomcastclient

import (
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// copies is how long after the first transmission a copy may still be sent:
// the server knows a clientId for 5 minutes.
const resendWindow = dedupWindow - 30*time.Second

// request is a frame that is sent until it is answered: again after a time
// without an answer, again on the next connection, and again when the server
// could not do it.
type request struct {
	id     string // the clientId, by which the answer is known
	action string
	frameRoom  string // the room that the frame names, "" for none
	frame  []byte
	// room has to be joined on the connection first, "" for none.
	requiredRoom string
	// only is the one connection on which the request makes sense, nil for any.
	boundTo *connection
	// once says that the server knows a copy only for a time.
	deduplicated bool
	// single says that the server knows no copy: it is sent once.
	sendOnce bool
	// proof says that any answer will do: it proves that the connection lives.
	anyReply bool
	// limit is how long it may take, 0 for any time.
	limit time.Duration
	// silent is called instead of sending again when no answer came in time.
	onNoReply func()
	// done is called once, with c.mu held: with the answer, or with an error.
	done func(in *incoming, err error)

	sentOn       *connection // where it was sent, nil when it waits to be
	paused   bool        // it waits to be sent again
	replyTimer    *timer      // for the answer, or for the pause
	dedupTimer *timer      // for once
	limitTimer      *timer      // for limit
	firstSent    time.Time   // of the first transmission, by the monotonic clock
	firstSentWall     time.Time   // the same by the wall clock
	attempts    int
	uncertain int    // tries that may have been carried out, for all that is known
	lastRefusal  *Error // of the last try of which the server did nothing
	lastFailure  error  // what the last answer said that was none
}

// begin takes up a request. With c.mu held.
func (c *Client) startRequest(q *request) {
	c.requests[q.id] = q
	if q.limit > 0 {
		q.limitTimer = c.after(q.limit, func() { c.limitReached(q) })
	}
	c.transmit(q)
}

// ask fills in the frame of a request, and which answer it takes.
func (q *request) setFrame(out outgoing) (err error) {
	q.id, q.action, q.frameRoom = out.ClientID, out.Action, out.RoomID
	q.frame, err = out.encode()
	return err
}

// age is how long ago the first transmission was. While a machine sleeps only
// the wall clock goes on; the monotonic one is never put back.
func (c *Client) age(q *request) time.Duration {
	return max(time.Since(q.firstSent), c.opts.now().Sub(q.firstSentWall))
}

// transmit sends a request, if it can be sent now. With c.mu held.
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
	// The last copy has its time to be answered before the outcome counts as
	// unknown, so that what is sent after it is not overtaken by it.
	var until time.Time
	if q.deduplicated {
		left := resendWindow - c.age(q)
		if left < c.opts.ReplyTimeout {
			c.expireIn(q, left)
			return
		}
		until = c.opts.now().Add(left)
	}
	q.sentOn = conn
	q.attempts++
	q.uncertain++
	conn.send(q.frame, until)
	q.replyTimer = c.after(c.opts.ReplyTimeout, func() {
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

// outcome returns the error of a request that cannot be sent again: why the
// server did nothing of any try, or that it may have been carried out.
func (q *request) finalError() error {
	if q.uncertain == 0 && q.lastRefusal != nil {
		return q.lastRefusal
	}
	return errOutcomeUnknown()
}

// expire ends a request in a while. With c.mu held.
func (c *Client) expireIn(q *request, in time.Duration) {
	q.dedupTimer.stop()
	q.dedupTimer = c.after(in, func() { c.finish(q, nil, q.finalError()) })
}

// sendWaiting sends the requests that could not be sent before. With c.mu held.
func (c *Client) sendWaiting() {
	for _, q := range c.requests {
		if q.sentOn == nil && !q.paused {
			c.transmit(q)
		}
	}
}

// again sends a request again, in a while. With c.mu held.
func (c *Client) retryIn(q *request, in time.Duration) {
	q.replyTimer.stop()
	q.paused = true
	q.replyTimer = c.after(in, func() {
		q.paused = false
		c.transmit(q)
	})
}

// settle ends a request. With c.mu held.
func (c *Client) finish(q *request, in *incoming, err error) {
	delete(c.requests, q.id)
	q.replyTimer.stop()
	q.dedupTimer.stop()
	q.limitTimer.stop()
	q.done(in, err)
}

// answered takes in the answer to a request. With c.mu held.
func (c *Client) receiveReply(conn *connection, in *incoming) {
	q := c.requests[in.ClientID]
	if q == nil || !in.answers(q.action, q.frameRoom) {
		return // a copy's, or one that nobody waits for any more
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
		c.retryIn(q, err.RetryAfter+backoff(q.attempts, c.opts.RetryBase, c.opts.RetryMax))
	case CodeUnavailable:
		if q.sendOnce {
			c.finish(q, nil, err)
			return
		}
		c.retryIn(q, err.RetryAfter+backoff(q.attempts, c.opts.RetryBase, c.opts.RetryMax))
	case CodeNotConnected:
		if q.sendOnce {
			q.markRefused(err) // so that it goes out again
		}
		c.connectionLost(conn, err)
	case CodeNotInRoom:
		c.receiveNotInRoom(conn, q, err)
	default:
		q.markRefused(err)
		c.finish(q, nil, q.refusalError(err))
	}
}

// verdict returns what the refusal of the last try says about a request: that
// it was refused for want of a right says nothing of those before it.
func (q *request) refusalError(err *Error) error {
	if q.deduplicated && q.uncertain > 0 && (err.Code == CodeForbidden || err.Code == CodeNotInRoom) {
		return errOutcomeUnknown()
	}
	return err
}

// refused takes in that the server did nothing of the last try. The request
// waits to be sent again, or to be settled.
func (q *request) markRefused(why *Error) {
	q.replyTimer.stop()
	q.sentOn = nil
	q.uncertain--
	q.lastRefusal = why
}

// outside takes in that the server refused a request because the connection is
// not in its room, which is joined again if the client is to be in it. With
// c.mu held.
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
		pause = backoff(q.attempts, c.opts.RetryBase, c.opts.RetryMax)
	}
	c.retryIn(q, pause)
	c.syncRoom(conn, r)
}

// interrupted takes in a frame of API Gateway itself, which says that it could
// not carry out some request on a connection, not which one. With c.mu held.
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
			continue // it cannot be known whether this one is meant
		}
		pause := backoff(q.attempts, c.opts.RetryBase, c.opts.RetryMax)
		if len(sent) > 1 {
			// The others have time to be answered.
			pause += c.opts.RetryBase
		}
		c.retryIn(q, pause)
	}
}
