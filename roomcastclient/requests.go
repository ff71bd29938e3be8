package roomcastclient

import (
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// copies is how long after the first transmission a copy may still be sent:
// the server knows a clientId for 5 minutes.
const copies = known - 30*time.Second

// request is a frame that is sent until it is answered: again after a time
// without an answer, again on the next connection, and again when the server
// could not do it.
type request struct {
	id     string // the clientId, by which the answer is known
	action string
	about  string // the room that the frame names, "" for none
	frame  []byte
	// room has to be joined on the connection first, "" for none.
	room string
	// only is the one connection on which the request makes sense, nil for any.
	only *connection
	// once says that the server knows a copy only for a time.
	once bool
	// single says that the server knows no copy: it is sent once.
	single bool
	// proof says that any answer will do: it proves that the connection lives.
	proof bool
	// limit is how long it may take, 0 for any time.
	limit time.Duration
	// silent is called instead of sending again when no answer came in time.
	silent func()
	// done is called once, with c.mu held: with the answer, or with an error.
	done func(in *incoming, err error)

	on       *connection // where it was sent, nil when it waits to be
	paused   bool        // it waits to be sent again
	timer    *alarm      // for the answer, or for the pause
	deadline *alarm      // for once
	end      *alarm      // for limit
	first    time.Time   // of the first transmission, by the monotonic clock
	wall     time.Time   // the same by the wall clock
	tries    int
	doubtful int    // tries that may have been carried out, for all that is known
	refusal  *Error // of the last try of which the server did nothing
	setback  error  // what the last answer said that was none
}

// begin takes up a request. With c.mu held.
func (c *Client) begin(q *request) {
	c.requests[q.id] = q
	if q.limit > 0 {
		q.end = c.after(q.limit, func() { c.overdue(q) })
	}
	c.transmit(q)
}

// ask fills in the frame of a request, and which answer it takes.
func (q *request) ask(out outgoing) (err error) {
	q.id, q.action, q.about = out.ClientID, out.Action, out.RoomID
	q.frame, err = out.encode()
	return err
}

// age is how long ago the first transmission was. While a machine sleeps only
// the wall clock goes on; the monotonic one is never put back.
func (c *Client) age(q *request) time.Duration {
	return max(time.Since(q.first), c.opts.now().Sub(q.wall))
}

// transmit sends a request, if it can be sent now. With c.mu held.
func (c *Client) transmit(q *request) {
	q.timer.stop()
	q.on = nil
	if q.once && !q.first.IsZero() && c.age(q) >= copies {
		c.settle(q, nil, q.outcome())
		return
	}
	conn := c.active
	if q.only != nil {
		conn = q.only
	}
	if conn == nil || conn.gone || conn.token.expired && q.action != protocol.ActionRefresh && !q.proof || q.room != "" && !conn.joined[q.room] {
		return
	}
	if q.first.IsZero() {
		q.first, q.wall = time.Now(), c.opts.now()
		if q.once {
			c.expire(q, copies)
		}
	}
	// The last copy has its time to be answered before the outcome counts as
	// unknown, so that what is sent after it is not overtaken by it.
	var until time.Time
	if q.once {
		left := copies - c.age(q)
		if left < c.opts.ReplyTimeout {
			c.expire(q, left)
			return
		}
		until = c.opts.now().Add(left)
	}
	q.on = conn
	q.tries++
	q.doubtful++
	conn.send(q.frame, until)
	q.timer = c.after(c.opts.ReplyTimeout, func() {
		if q.silent != nil {
			q.silent()
			return
		}
		c.doubt(conn)
		if !q.single {
			c.transmit(q)
		}
	})
}

// outcome returns the error of a request that cannot be sent again: why the
// server did nothing of any try, or that it may have been carried out.
func (q *request) outcome() error {
	if q.doubtful == 0 && q.refusal != nil {
		return q.refusal
	}
	return errOutcomeUnknown()
}

// expire ends a request in a while. With c.mu held.
func (c *Client) expire(q *request, in time.Duration) {
	q.deadline.stop()
	q.deadline = c.after(in, func() { c.settle(q, nil, q.outcome()) })
}

// sendWaiting sends the requests that could not be sent before. With c.mu held.
func (c *Client) sendWaiting() {
	for _, q := range c.requests {
		if q.on == nil && !q.paused {
			c.transmit(q)
		}
	}
}

// again sends a request again, in a while. With c.mu held.
func (c *Client) again(q *request, in time.Duration) {
	q.timer.stop()
	q.paused = true
	q.timer = c.after(in, func() {
		q.paused = false
		c.transmit(q)
	})
}

// settle ends a request. With c.mu held.
func (c *Client) settle(q *request, in *incoming, err error) {
	delete(c.requests, q.id)
	q.timer.stop()
	q.deadline.stop()
	q.end.stop()
	q.done(in, err)
}

// answered takes in the answer to a request. With c.mu held.
func (c *Client) answered(conn *connection, in *incoming) {
	q := c.requests[in.ClientID]
	if q == nil || !in.answers(q.action, q.about) {
		return // a copy's, or one that nobody waits for any more
	}
	if in.Type != "error" {
		c.settle(q, in, nil)
		return
	}
	err := in.failure()
	if q.proof && err.Code != CodeNotConnected {
		c.settle(q, nil, err)
		return
	}
	q.setback = err
	switch err.Code {
	case CodeTokenExpired:
		if q.action == protocol.ActionRefresh {
			c.settle(q, nil, err)
			return
		}
		q.refused(err)
		c.tokenExpired(conn, err)
	case CodeRateLimited:
		q.refused(err)
		c.again(q, err.RetryAfter+backoff(q.tries, c.opts.RetryBase, c.opts.RetryMax))
	case CodeUnavailable:
		if q.single {
			c.settle(q, nil, err)
			return
		}
		c.again(q, err.RetryAfter+backoff(q.tries, c.opts.RetryBase, c.opts.RetryMax))
	case CodeNotConnected:
		if q.single {
			q.refused(err) // so that it goes out again
		}
		c.lost(conn, err)
	case CodeNotInRoom:
		c.outside(conn, q, err)
	default:
		q.refused(err)
		c.settle(q, nil, q.verdict(err))
	}
}

// verdict returns what the refusal of the last try says about a request: that
// it was refused for want of a right says nothing of those before it.
func (q *request) verdict(err *Error) error {
	if q.once && q.doubtful > 0 && (err.Code == CodeForbidden || err.Code == CodeNotInRoom) {
		return errOutcomeUnknown()
	}
	return err
}

// refused takes in that the server did nothing of the last try. The request
// waits to be sent again, or to be settled.
func (q *request) refused(why *Error) {
	q.timer.stop()
	q.on = nil
	q.doubtful--
	q.refusal = why
}

// outside takes in that the server refused a request because the connection is
// not in its room, which is joined again if the client is to be in it. With
// c.mu held.
func (c *Client) outside(conn *connection, q *request, err *Error) {
	r := c.rooms[q.room]
	q.refused(err)
	if r == nil || q.only != nil {
		c.settle(q, nil, q.verdict(err))
		return
	}
	delete(conn.joined, r.id)
	var pause time.Duration
	if q.tries > 1 {
		pause = backoff(q.tries, c.opts.RetryBase, c.opts.RetryMax)
	}
	c.again(q, pause)
	c.tend(conn, r)
}

// interrupted takes in a frame of API Gateway itself, which says that it could
// not carry out some request on a connection, not which one. With c.mu held.
func (c *Client) interrupted(conn *connection, in *incoming) {
	var sent []*request
	for _, q := range c.requests {
		if q.on == conn && !q.paused {
			sent = append(sent, q)
		}
	}
	for _, q := range sent {
		if q.single {
			if len(sent) == 1 {
				c.settle(q, nil, &Error{Code: CodeUnavailable, Message: "API Gateway: " + in.Message})
			}
			continue // it cannot be known whether this one is meant
		}
		pause := backoff(q.tries, c.opts.RetryBase, c.opts.RetryMax)
		if len(sent) > 1 {
			// The others have time to be answered.
			pause += c.opts.RetryBase
		}
		c.again(q, pause)
	}
}
