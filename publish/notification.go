package publish

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/jsonvalue"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Notification is a notification for users, whether they are connected or not.
type Notification struct {
	// To are the users: 1 to 100 of them.
	To []string
	// UserID is who they see as the sender: 1 to 128 characters.
	UserID string
	// Data is what the notification holds: anything that encoding/json can encode,
	// up to 16 KiB of well-formed Unicode and at most 31 levels deep. The
	// characters <, > and & are not escaped.
	Data any
	// IdempotencyKey makes it safe to send the notification again after an error.
	// Within 5 minutes, the same key of the same UserID means the same
	// notification: sending it again returns the same id and sends it to
	// connections again, and no inbox has it twice. 1 to 64 characters. Clients
	// have keys of their own, which do not collide with these.
	// Default: none; each call sends another notification.
	IdempotencyKey string
}

// NotificationReceipt describes a notification that was stored.
type NotificationReceipt struct {
	// ID is the unique id of the notification.
	ID string
	// Delivered is the number of connections that were sent the notification
	// immediately. A user may have several connections, or none.
	Delivered int
	// Timestamp is when the notification was stored, in whole milliseconds.
	Timestamp time.Time
}

// ToUsers sends a notification to users. When it returns without an error, the
// notification is in the inbox of each of them, where it stays until it is
// acknowledged. Each of their connections either was sent the notification or is
// named in a job of the queue that will do so.
//
// A full inbox drops the oldest notification of the sender that has the most in
// it. Notifications that this call sends in the name of a user do not count as
// that user's.
//
// ToUsers returns [ErrInvalid] if the notification is invalid or its
// IdempotencyKey was used for a different notification or for other users. On any
// other error it is unknown which inboxes have it: send it again with the same
// IdempotencyKey. Without one, a second attempt may send it twice.
func (p *Publisher) ToUsers(ctx context.Context, n Notification) (NotificationReceipt, error) {
	const call = "to users"
	userIDs, err := protocol.CheckUserIDs(n.To)
	if err == nil {
		err = protocol.CheckUserID("userId", n.UserID)
	}
	if err == nil {
		err = checkKey(n.IdempotencyKey)
	}
	if err != nil {
		return NotificationReceipt{}, invalid(call, err)
	}
	data, err := jsonvalue.Encode(n.Data)
	if err != nil {
		return NotificationReceipt{}, invalid(call, err)
	}
	if err := protocol.CheckNotification(data); err != nil {
		return NotificationReceipt{}, invalid(call, err)
	}
	r, err := p.core.Notifier.Notify(ctx, inbox.Notice{
		UserIDs: userIDs, From: n.UserID, Notification: data, ClientID: n.IdempotencyKey, Service: true,
	})
	var refused *protocol.Error
	switch {
	case errors.As(err, &refused):
		return NotificationReceipt{}, invalid(call, fmt.Errorf("IdempotencyKey: %q was used for another notification of %q within the last %v", n.IdempotencyKey, n.UserID, sends.Window))
	case err != nil:
		return NotificationReceipt{}, fmt.Errorf("publish: %w", err)
	}
	return NotificationReceipt(r), nil
}
