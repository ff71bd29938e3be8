package publish

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// ErrInvalid says that what was to be sent breaks a limit of the protocol, so
// that sending it again is of no use. The error's text says which.
var ErrInvalid = errors.New("invalid input")

// Message is a message for everybody in a room.
type Message struct {
	// RoomID is the room: 1 to 128 characters. It exists by being sent to.
	RoomID string
	// UserID is who the members see as its sender: 1 to 128 characters. It
	// need not be connected.
	UserID string
	// Message is the text: 1 byte to 16 KiB of UTF-8.
	Message string
}

// Receipt says where in its room's log a message is.
type Receipt struct {
	// ID is the message's own.
	ID string
	// Seq counts the messages of the room, from 1.
	Seq int64
	// Timestamp is when the message was taken, in whole milliseconds.
	Timestamp time.Time
}

// ToRoom sends a message to a room. When it returns without an error, the
// message is in the room's log, and the members of a room that is not large
// have it, but for those who could not be reached within some two seconds.
//
// An error is [ErrInvalid], or the message is not in the log as far as is
// known: sending it again is right, and may in rare cases double it.
func (p *Publisher) ToRoom(ctx context.Context, m Message) (Receipt, error) {
	for _, err := range []error{
		protocol.CheckRoomID(m.RoomID),
		protocol.CheckUserID("userId", m.UserID),
		protocol.CheckMessage(m.Message),
	} {
		if err != nil {
			return Receipt{}, invalid("to room", err)
		}
	}
	r, err := p.service.Publish(ctx, m.RoomID, m.UserID, m.Message)
	if err != nil {
		return Receipt{}, fmt.Errorf("publish: %w", err)
	}
	return Receipt(r), nil
}

// Notification is a notification for users, wherever they are connected.
type Notification struct {
	// UserIDs are the users: 1 to 100 of them.
	UserIDs []string
	// From is who the users see as its sender: 1 to 128 characters.
	From string
	// Notification is anything that encoding/json can encode, to at most
	// 16 KiB.
	Notification any
}

// NotificationReceipt says what became of a notification.
type NotificationReceipt struct {
	// ID is the notification's own.
	ID string
	// Delivered is the number of connections that got it; a user may have
	// several, or none.
	Delivered int
	// Timestamp is when the notification was taken, in whole milliseconds.
	Timestamp time.Time
}

// ToUsers sends a notification to every connection of some users. A user who
// is not connected does not get it: see Delivered.
//
// An error is [ErrInvalid], or nobody got the notification.
func (p *Publisher) ToUsers(ctx context.Context, n Notification) (NotificationReceipt, error) {
	userIDs, err := protocol.CheckUserIDs(n.UserIDs)
	if err == nil {
		err = protocol.CheckUserID("from", n.From)
	}
	if err != nil {
		return NotificationReceipt{}, invalid("to users", err)
	}
	body, err := json.Marshal(n.Notification)
	if err != nil {
		return NotificationReceipt{}, invalid("to users", fmt.Errorf("notification: %w", err))
	}
	if err := protocol.CheckNotification(body); err != nil {
		return NotificationReceipt{}, invalid("to users", err)
	}
	r, err := p.service.NotifyUsers(ctx, userIDs, n.From, body)
	if err != nil {
		return NotificationReceipt{}, fmt.Errorf("publish: %w", err)
	}
	return NotificationReceipt(r), nil
}

// invalid returns an ErrInvalid that says what is wrong.
func invalid(what string, err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return fmt.Errorf("publish %s: %w: %s", what, ErrInvalid, e.Message)
	}
	return fmt.Errorf("publish %s: %w: %w", what, ErrInvalid, err)
}
