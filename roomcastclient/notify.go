package roomcastclient

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Notify sends a notification to 1 to 100 users: data is anything that
// encoding/json encodes to at most 16 KiB. The server stores it in the inbox of each
// user until that user acknowledges it, and posts it to their connections.
//
// If ctx ends first, or the client is closed, the notification may or may not be
// sent; the same holds for CodeOutcomeUnknown. Without a connection Notify waits for
// one, and fails with CodeTimeout after Options.CallTimeout.
func (c *Client) Notify(ctx context.Context, userIDs []string, data any, opts ...SendOption) (NotificationReceipt, error) {
	userIDs, err := protocol.CheckUserIDs(userIDs)
	if err != nil {
		return NotificationReceipt{}, invalid(err)
	}
	body, err := encodeValue("notification", data)
	if err != nil {
		return NotificationReceipt{}, err
	}
	s := &pendingSend{text: strings.Join(userIDs, "\n") + "\n" + string(body), sendOptions: optionsOf(opts)}
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
		return NotificationReceipt{}, err
	}
	return NotificationReceipt{
		ID: in.ID, IdempotencyKey: in.ClientID, Delivered: in.Delivered, Timestamp: time.UnixMilli(in.Timestamp),
	}, nil
}

// trackNotification remembers the application's key of a notification. Replies to
// two pending requests with the same key look the same, so the second is refused. The caller holds c.mu.
func (c *Client) trackNotification(q *request, s *pendingSend) error {
	if err := c.checkFreeKey(s.key); err != nil {
		return err
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
		for _, r := range c.rooms { // a message with this key may have waited for it
			c.sendNext(r)
		}
	}
	return nil
}

// checkFreeKey checks a key of the application, and that no request with it is
// pending. The caller holds c.mu.
func (c *Client) checkFreeKey(key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if c.requests[key] != nil {
		return badField("idempotencyKey", fmt.Sprintf("a call with the key %q is pending; wait for its result", key), nil)
	}
	return nil
}
