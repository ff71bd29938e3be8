package roomcastclient

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Notify sends a notification, anything that encoding/json can encode to at
// most 16 KiB, to every connection of 1 to 100 users; it waits in their inboxes
// until they acknowledge it. [WithClientID] names it as it does a message, but in
// no room. When ctx ends first, or the client is closed, it may be sent or not.
// [CodeOutcomeUnknown] says the same. Without a connection it waits for one for
// CallTimeout, and then fails with [CodeTimeout].
func (c *Client) Notify(ctx context.Context, userIDs []string, notification any, opts ...SendOption) (NotifyAck, error) {
	userIDs, err := protocol.CheckUserIDs(userIDs)
	if err != nil {
		return NotifyAck{}, invalid(err)
	}
	body, err := encodeValue("notification", notification)
	if err != nil {
		return NotifyAck{}, err
	}
	s := &pendingSend{text: strings.Join(userIDs, "\n") + "\n" + string(body)}
	s.apply(opts)
	q := &request{deduplicated: true}
	in, err := c.await(ctx, q, func(id string) error {
		if s.hasKey {
			id = s.key
		}
		if err := q.setFrame(outgoing{Action: protocol.ActionNotify, ClientID: id, UserIDs: userIDs, Notification: body}); err != nil || !s.hasKey {
			return err
		}
		return c.trackNotification(q, s)
	})
	if err != nil {
		return NotifyAck{}, err
	}
	return NotifyAck{ClientID: in.ClientID, ID: in.ID, Delivered: in.Delivered, Timestamp: time.UnixMilli(in.Timestamp)}, nil
}

// nameNotification takes in the name that the application gave to a notification.
// One that is under way cannot be told from another of the same name. With c.mu
// held.
func (c *Client) trackNotification(q *request, s *pendingSend) error {
	if err := checkClientID(s.key); err != nil {
		return err
	}
	if c.requests[s.key] != nil {
		return badField("clientId", fmt.Sprintf("%q is under way; wait for its answer", s.key), nil)
	}
	if err := c.recentIDs.check(c.opts.now(), "", s.key, s.text); err != nil {
		return err
	}
	c.recentIDs.add(c.opts.now(), "", s.key, s.text)
	done := q.done
	q.done = func(in *incoming, err error) {
		c.recentIDs.resolve(c.opts.now(), "", s, err)
		done(in, err)
		if c.closed {
			return
		}
		for _, r := range c.rooms { // a message of this name may have waited for it
			c.sendNext(r)
		}
	}
	return nil
}

// History returns messages of a room, the newest that come before a seq, or,
// where before is 0, the newest of all. limit is the most of them, 1 to 100, or
// 0 for 50; there are fewer where they are large. Only a member of the room may
// ask; a room that is being joined is waited for. It takes at most CallTimeout.
func (c *Client) History(ctx context.Context, roomID string, before int64, limit int) (Page, error) {
	out := outgoing{Action: protocol.ActionHistory, RoomID: roomID, Before: before, Limit: limit}
	in, err := c.callInRoom(ctx, out)
	if err != nil {
		return Page{}, err
	}
	return Page{RoomID: in.RoomID, Messages: in.messages(), Before: in.Seq, Epoch: in.Epoch, More: in.More}, nil
}

// Presence returns who is in a room. Only a member of the room may ask; a room
// that is being joined is waited for. It takes at most CallTimeout.
func (c *Client) Presence(ctx context.Context, roomID string) (Presence, error) {
	in, err := c.callInRoom(ctx, outgoing{Action: protocol.ActionPresence, RoomID: roomID})
	if err != nil {
		return Presence{}, err
	}
	return Presence{RoomID: in.RoomID, Count: in.Count, Users: in.Users}, nil
}

// ask asks something about a room that the client is in.
func (c *Client) callInRoom(ctx context.Context, out outgoing) (*incoming, error) {
	if err := protocol.CheckRoomID(out.RoomID); err != nil {
		return nil, invalid(err)
	}
	if err := c.checkMember(out.RoomID); err != nil {
		return nil, err
	}
	return c.call(ctx, out, &request{requiredRoom: out.RoomID})
}

// checkMember says that a room is not joined, or that the client is closed.
func (c *Client) checkMember(roomID string) (err error) {
	open := c.lock(func() {
		if c.rooms[roomID] == nil {
			err = notMember(roomID)
		}
	})
	if !open {
		return errClosed()
	}
	return err
}

// notMember is the error of a call for a room that is not joined.
func notMember(roomID string) *Error {
	return &Error{Code: CodeNotInRoom, Message: fmt.Sprintf("join the room %q first", roomID)}
}

// call makes a request and waits for its answer. The frame's clientId is made
// here.
func (c *Client) call(ctx context.Context, out outgoing, q *request) (*incoming, error) {
	return c.await(ctx, q, func(id string) error {
		out.ClientID = id
		return q.setFrame(out)
	})
}

// await begins a request and waits for its answer, CallTimeout at most. fill
// fills in its frame, for a clientId.
func (c *Client) await(ctx context.Context, q *request, fill func(id string) error) (*incoming, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	answers := make(chan answer[*incoming], 1)
	q.limit = c.opts.CallTimeout
	q.done = func(in *incoming, err error) { answers <- answer[*incoming]{in, err} }
	var failed error
	ok := c.lock(func() {
		if failed = fill(c.newID()); failed == nil {
			c.startRequest(q)
		}
	})
	if !ok {
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
