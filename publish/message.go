package publish

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// Message is a message to everybody in a room.
type Message struct {
	// RoomID is the room: 1 to 128 characters. A room needs no setup: sending to
	// it creates it.
	RoomID string
	// UserID is who the members see as the sender: 1 to 128 characters. The user
	// need not be connected.
	UserID string
	// Text is what the message says: 1 byte to 16 KiB of UTF-8.
	Text string
	// IdempotencyKey makes it safe to send the message again after an error.
	// Within 5 minutes, the same key of the same UserID in the same room means the
	// same message: sending it again returns the same receipt and delivers the
	// message again, and members who have it drop the copy. A good key is the id
	// of the event that causes the message. 1 to 64 characters. Clients have keys
	// of their own, which do not collide with these.
	// Default: none; each call sends another message.
	IdempotencyKey string
}

// Receipt says where a message is in the log of its room.
type Receipt struct {
	// ID is the unique id of the message.
	ID string
	// Seq is the position in the log, from 1.
	Seq int64
	// Timestamp is when the message was stored, in whole milliseconds.
	Timestamp time.Time
}

// ToRoom sends a message to a room. When it returns without an error, the message
// is in the room's log. Each member either was sent the message, or is named in a
// job of the queue that will do so: in a room of up to DirectLimit members, only
// those that could not be reached within a second.
//
// ToRoom returns [ErrInvalid] if the message is invalid or its IdempotencyKey was
// used for a different message. On any other error it is unknown whether the
// message was sent: send it again with the same IdempotencyKey. Without one, a
// second attempt may send it twice.
func (p *Publisher) ToRoom(ctx context.Context, m Message) (Receipt, error) {
	const call = "to room"
	for _, err := range []error{
		protocol.CheckRoomID(m.RoomID),
		protocol.CheckUserID("userId", m.UserID),
		protocol.CheckMessage(m.Text),
		checkKey(m.IdempotencyKey),
	} {
		if err != nil {
			return Receipt{}, invalid(call, err)
		}
	}
	r, err := p.core.Publisher.Publish(ctx, roomlog.Publication{
		RoomID: m.RoomID, UserID: m.UserID, Message: m.Text, ClientID: m.IdempotencyKey, Service: true,
	})
	var refused *protocol.Error
	switch {
	case errors.As(err, &refused):
		return Receipt{}, invalid(call, fmt.Errorf("IdempotencyKey: %q was used for another message of %q to this room within the last %v", m.IdempotencyKey, m.UserID, sends.Window))
	case err != nil:
		return Receipt{}, fmt.Errorf("publish: %w", err)
	}
	return Receipt(r), nil
}

// checkKey says what is wrong with an idempotency key. An empty one is right.
func checkKey(key string) error {
	switch n := utf8.RuneCountInString(key); {
	case n == 0:
		return nil
	case n > protocol.MaxClientID:
		return fmt.Errorf("IdempotencyKey: must be at most %d characters, got %d", protocol.MaxClientID, n)
	}
	return protocol.CheckUserID("IdempotencyKey", key) // keys have the characters of names
}
