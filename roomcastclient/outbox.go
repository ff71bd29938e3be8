package roomcastclient

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// SendOption changes how a message or a notification is sent.
type SendOption func(*pendingSend)

// WithClientID names the message: the server takes it once, however often it is
// sent with this name within 5 minutes by this user to this room, also by
// another client. Another text with this name is refused in that time, as
// bad_field. 1 to 64 characters. Default: a name that nothing else has.
func WithClientID(id string) SendOption {
	return func(s *pendingSend) { s.key, s.hasKey = id, true }
}

// send is a message that waits for its ack.
type pendingSend struct {
	key      string
	hasKey   bool // by the application
	text    string
	frame   []byte
	request *request // nil until it is its turn
	queueTimer     *timer   // when it has waited too long to be sent
	receipts chan answer[Ack]
}

// Send sends a text of 1 byte to 16 KiB to a room that was joined, and waits
// until it is in the room's log. Messages to one room go out in the order of
// the calls, one at a time: the next one when the one before is answered. A
// call has its place in that order before it waits.
//
// It is sent until there is an answer, on any number of connections, for as long
// as the server knows a copy, 4 min 30 s from the first one. An error is a refusal
// of the server, which may be the last of many, as rate_limited, when all of them
// said that nothing was done; [CodeTimeout], when it could not be sent for all of
// QueueTimeout; [CodeQueueFull], [CodeOutcomeUnknown], [CodeClosed], or ctx's: then it
// goes on being sent, and its outcome is not reported.
func (c *Client) Send(ctx context.Context, roomID, text string, opts ...SendOption) (Ack, error) {
	if err := context.Cause(ctx); err != nil {
		return Ack{}, err
	}
	if err := protocol.CheckRoomID(roomID); err != nil {
		return Ack{}, invalid(err)
	}
	if err := protocol.CheckMessage(text); err != nil {
		return Ack{}, invalid(err)
	}
	s := &pendingSend{text: text, receipts: make(chan answer[Ack], 1)}
	var err error
	if !c.lock(func() { err = c.enqueue(s, roomID, opts) }) {
		return Ack{}, errClosed()
	}
	if err != nil {
		return Ack{}, err
	}
	return wait(ctx, s.receipts)
}

// apply changes how the message is sent.
func (s *pendingSend) apply(opts []SendOption) {
	for _, o := range opts {
		if o != nil {
			o(s)
		}
	}
}

// enqueue puts a message in its room's outbox. With c.mu held.
func (c *Client) enqueue(s *pendingSend, roomID string, opts []SendOption) (err error) {
	s.key = c.newID()
	s.apply(opts)
	if err := checkClientID(s.key); err != nil {
		return err
	}
	r := c.rooms[roomID]
	switch {
	case r == nil || r.leaving:
		return notMember(roomID)
	case c.queued >= c.opts.MaxQueued:
		return &Error{Code: CodeQueueFull, Message: fmt.Sprintf("%d messages already wait for their acknowledgement; send this one later, or raise Options.MaxQueued", c.queued)}
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

// checkClientID judges a clientId as the server does: a bad one would not be
// repeated in the answer, which could not be told from others then.
func checkClientID(id string) error {
	if err := protocol.CheckUserID("clientId", id); err != nil {
		return invalid(err)
	}
	if n := utf8.RuneCountInString(id); n > protocol.MaxClientID {
		return invalid(protocol.Errorf(protocol.CodeBadField, "clientId: must be 1 to %d characters, got %d", protocol.MaxClientID, n))
	}
	return nil
}

// sendNext sends the first message of a room's outbox, unless it is under way.
// With c.mu held.
func (c *Client) sendNext(r *room) {
	if len(r.outbox) == 0 {
		return
	}
	s := r.outbox[0]
	// Another room's message may have this name: its answer comes first.
	if c.requests[s.key] != nil {
		return
	}
	s.request = &request{
		id: s.key, action: protocol.ActionSendMessage, frameRoom: r.id, frame: s.frame, requiredRoom: r.id, deduplicated: true,
		done: func(in *incoming, err error) { c.completeSend(r, s, in, err) },
	}
	c.startRequest(s.request)
}

// giveUp ends a message that could not be sent until now. With c.mu held.
func (c *Client) sendTimedOut(r *room, s *pendingSend) {
	err := c.notSentError("the message", c.opts.QueueTimeout)
	switch {
	case s.request == nil:
		c.completeSend(r, s, nil, err)
	case s.request.firstSent.IsZero():
		c.finish(s.request, nil, err)
	}
}

// sent ends a message of a room's outbox. With c.mu held.
func (c *Client) completeSend(r *room, s *pendingSend, in *incoming, err error) {
	r.outbox = slices.DeleteFunc(r.outbox, func(other *pendingSend) bool { return other == s })
	s.queueTimer.stop()
	c.queued--
	if s.hasKey {
		c.recentIDs.resolve(c.opts.now(), r.id, s, err)
	}
	if err != nil {
		s.receipts <- answer[Ack]{err: err}
	} else {
		s.receipts <- answer[Ack]{value: Ack{
			ClientID: s.key, RoomID: in.RoomID, Seq: in.Seq, ID: in.ID, Timestamp: time.UnixMilli(in.Timestamp),
		}}
	}
	if c.closed {
		return
	}
	for _, other := range c.rooms {
		c.sendNext(other)
	}
	c.finishLeave(r)
}

// refuseAll fails what a room's outbox holds, because the room is no longer
// joined. With c.mu held.
func (c *Client) failOutbox(r *room, err error) {
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
