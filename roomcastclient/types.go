package roomcastclient

import (
	"encoding/json"
	"time"
)

// Position is how far the messages of a room were delivered: every message up to
// Seq. Its JSON is {"seq":42,"epoch":"01J8Z3"}, as in the TypeScript client, so
// each client can continue from what the other stored. The zero value is the
// start of a room's log.
type Position struct {
	// Seq is the number of a message in its room, from 1.
	Seq int64 `json:"seq"`
	// Epoch names the log that Seq counts in. It is "" in a room without messages.
	Epoch string `json:"epoch"`
}

// Message is a message of a room.
type Message struct {
	RoomID string
	// Seq counts the messages of the room, from 1. Numbers may be skipped.
	Seq int64
	// ID is unique among all messages.
	ID string
	// UserID is the user who sent the message.
	UserID string
	Text   string
	// Timestamp is when the server accepted the message, in whole milliseconds.
	Timestamp time.Time
}

// Joined reports from where on the client delivers the messages of a room.
type Joined struct {
	RoomID string
	// Position is the start: every message after it is delivered, and none up to
	// it. If Recovered is false and the user may not read the history, messages
	// that were missed cannot be replayed, and only those that still arrive are
	// delivered.
	Position Position
	// Recovered reports that no message was missed between the previous position,
	// or the one passed to Join, and Position. If it is false, as after the first
	// Join without a position, fetch again what you show.
	Recovered bool
}

// Left reports that the client is out of a room without having called Leave.
type Left struct {
	RoomID string
	// Err says why: CodeForbidden if a newer token does not permit the room, or
	// else why the room could not be joined again.
	Err error
}

// Receipt confirms that a message is in its room's log.
type Receipt struct {
	RoomID string
	Seq    int64
	ID     string
	// IdempotencyKey is the key of the send: that of [WithIdempotencyKey], or one
	// that the client made.
	IdempotencyKey string
	// Timestamp is when the server accepted the message, in whole milliseconds.
	Timestamp time.Time
}

// Cursor is the position of another user's cursor in a room.
type Cursor struct {
	RoomID   string
	UserID   string
	Position CursorPosition
	// Color is a CSS colour, "" for none.
	Color string
	// Timestamp is when the server accepted the position, in whole milliseconds.
	Timestamp time.Time
}

// Notification is a notification for the client's user.
type Notification struct {
	// ID identifies the notification to [Client.Acknowledge].
	ID string
	// UserID is the user who sent the notification.
	UserID string
	// Data is any JSON value.
	Data json.RawMessage
	// Timestamp is when the server accepted the notification, in whole
	// milliseconds.
	Timestamp time.Time
}

// NotificationReceipt confirms that a notification is in the inboxes of its
// users.
type NotificationReceipt struct {
	ID string
	// IdempotencyKey is the key of the call: that of [WithIdempotencyKey], or one
	// that the client made.
	IdempotencyKey string
	// Delivered is the number of connections that received it at once.
	Delivered int
	// Timestamp is when the server accepted the notification, in whole
	// milliseconds.
	Timestamp time.Time
}

// Page is a part of a room's log.
type Page struct {
	RoomID string
	// Messages are in order of Seq.
	Messages []Message
	// Before is the Seq at which the page begins. Pass it to [WithBefore] for the
	// page before.
	Before int64
	// Epoch names the room's log. It is "" in a room without messages.
	Epoch string
	// More reports that there are older messages.
	More bool
}

// Presence says who is in a room.
type Presence struct {
	RoomID string
	// Count counts users, not connections.
	Count int
	// Users holds the first 100 user ids at most, sorted. There are fewer if the
	// ids are long.
	Users []string
}

// State is the state of a client's connection.
type State string

const (
	// StateConnecting means that no connection has been open yet.
	StateConnecting State = "connecting"
	// StateOpen means that a connection is open and that all rooms are joined on
	// it.
	StateOpen State = "open"
	// StateReconnecting means that the connection was lost, or that its rooms are
	// still being joined again.
	StateReconnecting State = "reconnecting"
	// StateClosed means that Close was called.
	StateClosed State = "closed"
)
