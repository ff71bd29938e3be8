package roomcastclient

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// SendOption changes how a message, a notification or a request is sent.
type SendOption func(*sendOptions)

type sendOptions struct {
	key    string
	hasKey bool
}

// WithIdempotencyKey gives a send a key of 1 to 64 characters. Within 5 minutes the
// server accepts a message with a key once for each user and room, no matter how
// often or by which client it is sent. Another text with the same key is refused
// with CodeBadField. Of a Request, the key is the frame's clientId. Default: a
// unique key.
func WithIdempotencyKey(key string) SendOption {
	return func(o *sendOptions) { o.key, o.hasKey = key, true }
}

func optionsOf(opts []SendOption) (o sendOptions) {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// pendingSend is a message that waits for its acknowledgement.
type pendingSend struct {
	sendOptions
	text       string
	frame      []byte
	request    *request // nil until the messages before it are acknowledged
	queueTimer *timer   // ends it when it has waited too long to be sent
	receipts   chan answer[Receipt]
}

// sendMessage sends a message to a room and waits for its acknowledgement.
func (c *Client) sendMessage(ctx context.Context, roomID, text string, opts []SendOption) (Receipt, error) {
	if err := context.Cause(ctx); err != nil {
		return Receipt{}, err
	}
	if err := protocol.CheckRoomID(roomID); err != nil {
		return Receipt{}, invalid(err)
	}
	if err := protocol.CheckMessage(text); err != nil {
		return Receipt{}, invalid(err)
	}
	s := &pendingSend{sendOptions: optionsOf(opts), text: text, receipts: make(chan answer[Receipt], 1)}
	var err error
	if !c.lock(func() { err = c.enqueue(s, roomID) }) {
		return Receipt{}, errClosed()
	}
	if err != nil {
		return Receipt{}, err
	}
	return wait(ctx, s.receipts)
}

// enqueue puts a message in its room's outbox. The caller holds c.mu.
func (c *Client) enqueue(s *pendingSend, roomID string) (err error) {
	if !s.hasKey {
		s.key = c.newID()
	}
	if err := checkKey(s.key); err != nil {
		return err
	}
	r := c.rooms[roomID]
	switch {
	case r == nil || r.leaving:
		return errNotInRoom(roomID)
	case c.queued >= c.opts.MaxQueued:
		return errQueueFull("messages", c.queued)
	}
	if s.hasKey {
		if err := c.recentIDs.check(c.opts.now(), roomID, s.key, s.text); err != nil {
			return err
		}
	}
	s.frame, err = outgoing{Action: protocol.ActionSendMessage, ClientID: s.key, RoomID: roomID, Message: s.text}.encode()
	if err != nil {
		return err
	}
	if s.hasKey {
		c.recentIDs.add(c.opts.now(), roomID, s.key, s.text)
	}
	c.queued++
	r.outbox = append(r.outbox, s)
	s.queueTimer = c.after(c.opts.QueueTimeout, func() { c.sendTimedOut(r, s) })
	c.sendNext(r)
	return nil
}

func errQueueFull(what string, pending int) error {
	return &Error{Code: CodeQueueFull, Message: fmt.Sprintf("%d %s are pending; call again later, or raise Options.MaxQueued", pending, what)}
}

// checkKey checks an idempotency key as the server does. The server would not
// repeat an invalid one in its reply, which then could not be matched.
func checkKey(key string) error {
	const field = "idempotencyKey"
	if err := protocol.CheckUserID(field, key); err != nil {
		return invalid(err)
	}
	if n := utf8.RuneCountInString(key); n > protocol.MaxClientID {
		return badField(field, fmt.Sprintf("must be 1 to %d characters, got %d", protocol.MaxClientID, n), nil)
	}
	return nil
}

// sendNext sends the first message of a room's outbox, unless it is under way. The
// caller holds c.mu.
func (c *Client) sendNext(r *roomState) {
	if len(r.outbox) == 0 {
		return
	}
	s := r.outbox[0]
	// A message of another room may have the same key: its reply comes first.
	if c.requests[s.key] != nil {
		return
	}
	s.request = &request{
		id: s.key, action: protocol.ActionSendMessage, frameRoom: r.id, frame: s.frame, requiredRoom: r.id, deduplicated: true,
		done: func(in *incoming, err error) { c.completeSend(r, s, in, err) },
	}
	c.startRequest(s.request)
}

// sendTimedOut ends a message that could not be sent within QueueTimeout. The caller
// holds c.mu.
func (c *Client) sendTimedOut(r *roomState, s *pendingSend) {
	err := c.notSentError("the message", c.opts.QueueTimeout)
	switch {
	case s.request == nil:
		c.completeSend(r, s, nil, err)
	case s.request.firstSent.IsZero():
		c.finish(s.request, nil, err)
	}
}

// completeSend ends a message of a room's outbox with its acknowledgement or an
// error. The caller holds c.mu.
func (c *Client) completeSend(r *roomState, s *pendingSend, in *incoming, err error) {
	r.outbox = slices.DeleteFunc(r.outbox, func(other *pendingSend) bool { return other == s })
	s.queueTimer.stop()
	c.queued--
	if s.hasKey {
		c.recentIDs.resolve(c.opts.now(), r.id, s, err)
	}
	if err != nil {
		s.receipts <- answer[Receipt]{err: err}
	} else {
		s.receipts <- answer[Receipt]{value: Receipt{
			RoomID: in.RoomID, Seq: in.Seq, ID: in.ID, IdempotencyKey: s.key, Timestamp: time.UnixMilli(in.Timestamp),
		}}
	}
	if c.closed {
		return
	}
	for _, other := range c.rooms { // one may have waited for this key
		c.sendNext(other)
	}
	c.finishLeave(r)
}

// failOutbox fails the pending messages of a room that is no longer joined. The
// caller holds c.mu.
func (c *Client) failOutbox(r *roomState, err error) {
	for len(r.outbox) > 0 {
		s := r.outbox[0]
		switch q := s.request; {
		case q == nil:
			c.completeSend(r, s, nil, err)
		case q.uncertain == 0 || c.closed:
			c.finish(q, nil, err)
		default:
			c.finish(q, nil, errOutcomeUnknown())
		}
	}
}
