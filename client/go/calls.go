package roomcast

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Notify sends a notification, anything that encoding/json can encode to at
// most 16 KiB, to every connection of 1 to 100 users; it waits in their inboxes
// until they acknowledge it. When ctx ends first, or the client is closed, it
// may be sent or not. [ErrOutcomeUnknown] says the same.
func (c *Client) Notify(ctx context.Context, userIDs []string, notification any) (NotifyAck, error) {
	userIDs, err := protocol.CheckUserIDs(userIDs)
	if err != nil {
		return NotifyAck{}, invalid(err)
	}
	body, err := json.Marshal(notification)
	if err != nil {
		return NotifyAck{}, fmt.Errorf("roomcast: notification: %w", err)
	}
	if err := protocol.CheckNotification(body); err != nil {
		return NotifyAck{}, invalid(err)
	}
	in, err := c.call(ctx, outgoing{Action: protocol.ActionNotify, UserIDs: userIDs, Notification: body}, &request{once: true})
	if err != nil {
		return NotifyAck{}, err
	}
	return NotifyAck{ClientID: in.ClientID, ID: in.ID, Delivered: in.Delivered, Timestamp: time.UnixMilli(in.Timestamp)}, nil
}

// History returns messages of a room, the newest that come before a seq, or,
// where before is 0, the newest of all. limit is the most of them, 1 to 100;
// there are fewer where they are large. Only a member of the room may ask; one
// that is being joined is waited for.
func (c *Client) History(ctx context.Context, roomID string, before int64, limit int) (Page, error) {
	out := outgoing{Action: protocol.ActionHistory, RoomID: roomID, Before: before, Limit: limit}
	in, err := c.ask(ctx, out)
	if err != nil {
		return Page{}, err
	}
	return Page{RoomID: in.RoomID, Messages: in.messages(), Before: in.Seq, Epoch: in.Epoch, More: in.More}, nil
}

// Presence returns who is in a room. Only a member of the room may ask; one
// that is being joined is waited for.
func (c *Client) Presence(ctx context.Context, roomID string) (Presence, error) {
	in, err := c.ask(ctx, outgoing{Action: protocol.ActionPresence, RoomID: roomID})
	if err != nil {
		return Presence{}, err
	}
	return Presence{RoomID: in.RoomID, Count: in.Count, Users: in.Users}, nil
}

// ask asks something about a room that the client is in.
func (c *Client) ask(ctx context.Context, out outgoing) (*incoming, error) {
	if err := c.checkMember(out.RoomID); err != nil {
		return nil, err
	}
	return c.call(ctx, out, &request{room: out.RoomID})
}

// checkMember says that a room is not joined, or that the client is closed.
func (c *Client) checkMember(roomID string) (err error) {
	open := c.lock(func() {
		if c.rooms[roomID] == nil {
			err = notMember(roomID)
		}
	})
	if !open {
		return ErrClosed
	}
	return err
}

// notMember is the error of a call for a room that is not joined.
func notMember(roomID string) *Error {
	return &Error{Code: string(protocol.CodeNotInRoom), Message: fmt.Sprintf("join the room %q first", roomID)}
}
