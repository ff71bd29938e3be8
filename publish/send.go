package publish

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
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
	// Key makes it safe to send the message again after an error: the same key
	// of the same UserID in the same room is one message for 5 minutes, and
	// sending it again gives the same receipt and delivers it again. Such as
	// the id of the event that is told of: 1 to 64 characters. Keys are apart
	// from the clientIds of clients: a user of that name cannot use one up.
	// Default: none; every call sends a message of its own.
	Key string
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
// message is in the room's log, and every member was posted to or is named in
// a job of the queue. In a room that is not large those are just the members
// who could not be reached within a second.
//
// An error is [ErrInvalid], which a Key that named another message before is
// too, or it is not known who has the message: send it again, with the same
// Key. Without a Key that may double it.
func (p *Publisher) ToRoom(ctx context.Context, m Message) (Receipt, error) {
	for _, err := range []error{
		protocol.CheckRoomID(m.RoomID),
		protocol.CheckUserID("userId", m.UserID),
		protocol.CheckMessage(m.Message),
		checkKey(m.Key),
	} {
		if err != nil {
			return Receipt{}, invalid("to room", err)
		}
	}
	r, err := p.core.Publisher.Publish(ctx, roomlog.Publication{
		RoomID: m.RoomID, UserID: m.UserID, Message: m.Message, ClientID: m.Key, Service: true,
	})
	var refused *protocol.Error
	switch {
	case errors.As(err, &refused):
		return Receipt{}, invalid("to room", fmt.Errorf("key: %q named another message of %q in this room within the last %v", m.Key, m.UserID, sends.Window))
	case err != nil:
		return Receipt{}, fmt.Errorf("publish: %w", err)
	}
	return Receipt(r), nil
}

// Notification is a notification for users, connected or not.
type Notification struct {
	// UserIDs are the users: 1 to 100 of them.
	UserIDs []string
	// From is who the users see as its sender: 1 to 128 characters.
	From string
	// Notification is anything that encoding/json can encode, to at most
	// 16 KiB of well-formed Unicode.
	Notification any
	// Key makes it safe to send the notification again after an error: the
	// same key of the same From is one notification for 5 minutes. Sending it
	// again gives the same id and posts it again, and no inbox has it twice.
	// 1 to 64 characters. As for a [Message], it is apart from what clients use.
	// Default: none; every call sends a notification of its own.
	Key string
}

// NotificationReceipt says what became of a notification.
type NotificationReceipt struct {
	// ID is the notification's own.
	ID string
	// Delivered is the number of connections that got it at once; a user may
	// have several, or none.
	Delivered int
	// Timestamp is when the notification was taken, in whole milliseconds.
	Timestamp time.Time
}

// ToUsers sends a notification to some users. When it returns without an error,
// it is in the inbox of each of them, where it waits until it is acknowledged,
// and every connection of theirs was posted to or is named in a job of the
// queue. An inbox that is full drops the oldest of the sender that has the most
// in it; what this service sends in a user's name does not count as the user's.
//
// An error is [ErrInvalid], which a Key that named another notification before,
// or one for other users, is too, or it is not known whose inbox has it: send
// it again, with the same Key. Without a Key that may double it.
func (p *Publisher) ToUsers(ctx context.Context, n Notification) (NotificationReceipt, error) {
	userIDs, err := protocol.CheckUserIDs(n.UserIDs)
	if err == nil {
		err = protocol.CheckUserID("from", n.From)
	}
	if err == nil {
		err = checkKey(n.Key)
	}
	if err != nil {
		return NotificationReceipt{}, invalid("to users", err)
	}
	body, err := encode(n.Notification)
	if err != nil {
		return NotificationReceipt{}, invalid("to users", fmt.Errorf("notification: %w", err))
	}
	if err := protocol.CheckNotification(body); err != nil {
		return NotificationReceipt{}, invalid("to users", err)
	}
	r, err := p.core.Notifier.Notify(ctx, inbox.Notice{
		UserIDs: userIDs, From: n.From, Notification: body, ClientID: n.Key, Service: true,
	})
	var refused *protocol.Error
	switch {
	case errors.As(err, &refused):
		return NotificationReceipt{}, invalid("to users", fmt.Errorf("key: %q named another notification of %q within the last %v", n.Key, n.From, sends.Window))
	case err != nil:
		return NotificationReceipt{}, fmt.Errorf("publish: %w", err)
	}
	return NotificationReceipt(r), nil
}

// encode returns the JSON of a notification. A text that is not well-formed
// Unicode is an error: encoding/json would replace what is no UTF-8 by an escape
// of U+FFFD, which it writes for nothing else.
func encode(notification any) ([]byte, error) {
	body, err := json.Marshal(notification)
	if err != nil {
		return nil, err
	}
	_, raw := notification.(json.RawMessage)
	if !protocol.WellFormed(body) || !raw && escapesReplacement(body) {
		return nil, errors.New("must be well-formed Unicode, got a text with bytes that are no UTF-8, or half of a surrogate pair")
	}
	return body, nil
}

// escapesReplacement reports whether JSON holds the escape of U+FFFD.
func escapesReplacement(body []byte) bool {
	for at := bytes.IndexByte(body, '\\'); at >= 0; at = bytes.IndexByte(body, '\\') {
		if bytes.HasPrefix(body[at:], []byte(`\ufffd`)) {
			return true
		}
		body = body[at+2:] // what is escaped may be a backslash
	}
	return false
}

// checkKey says what is wrong with a key. None at all is right.
func checkKey(key string) error {
	switch n := utf8.RuneCountInString(key); {
	case n == 0:
		return nil
	case n > protocol.MaxClientID:
		return fmt.Errorf("key: must be at most %d characters, got %d", protocol.MaxClientID, n)
	}
	return protocol.CheckUserID("key", key) // keys are of the same characters as names
}

// invalid returns an ErrInvalid that says what is wrong.
func invalid(what string, err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return fmt.Errorf("publish %s: %w: %s", what, ErrInvalid, e.Message)
	}
	return fmt.Errorf("publish %s: %w: %w", what, ErrInvalid, err)
}
