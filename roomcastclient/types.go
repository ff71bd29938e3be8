package roomcastclient

import (
	"encoding/json"
	"time"
)

// Position is how far a client has come in a room: it has every message up to
// Seq. Its JSON, {"seq":42,"epoch":"01J8Z3"}, is that of the TypeScript client.
type Position struct {
	// Seq counts the messages of the room, from 1; 0 is before the first.
	Seq int64 `json:"seq"`
	// Epoch names the log that Seq counts in. It is "" for a room that has no
	// message yet.
	Epoch string `json:"epoch"`
}

// Message is a message of a room.
type Message struct {
	RoomID string
	// Seq counts the messages of the room, from 1. It may skip numbers.
	Seq int64
	ID  string
	// UserID is who sent it.
	UserID string
	Text   string
	// Timestamp is when the server took it, in whole milliseconds.
	Timestamp time.Time
}

// Joined says from where on a client gets the messages of a room.
type Joined struct {
	RoomID string
	// Position is where it starts: OnMessage is given every message after it,
	// and none up to it. Where Recovered is false and the user may not read the
	// history, what is missing there cannot be replayed: OnMessage is given what
	// still comes.
	Position Position
	// Recovered says that nothing was missed between the position before, or
	// the one that Join was given, and Position. When it is false, as in the
	// first Join without a position, fetch again what you show.
	Recovered bool
}

// Ack says that a message is in the room's log.
type Ack struct {
	ClientID string
	RoomID   string
	Seq      int64
	ID       string
	// Timestamp is when the server took the message, in whole milliseconds.
	Timestamp time.Time
}

// Cursor is where somebody's cursor in a room is.
type Cursor struct {
	RoomID string
	// UserID is whose it is.
	UserID   string
	Position CursorPosition
	// Color is as CSS writes it, "" for none.
	Color string
	// Timestamp is when the server took it, in whole milliseconds.
	Timestamp time.Time
}

// Notification is a notification for the client's user.
type Notification struct {
	ID string
	// From is the user who sent it.
	From string
	// Notification is any JSON value.
	Notification json.RawMessage
	// Timestamp is when the server took it, in whole milliseconds.
	Timestamp time.Time
}

// NotifyAck says that a notification is in the inboxes of its users.
type NotifyAck struct {
	ClientID string
	ID       string
	// Delivered is the number of connections that got it at once.
	Delivered int
	// Timestamp is when the server took it, in whole milliseconds.
	Timestamp time.Time
}

// Page is a part of a room's log.
type Page struct {
	RoomID string
	// Messages are in order of their seq.
	Messages []Message
	// Before is where the page begins: with it, History goes on to older ones.
	Before int64
	// Epoch names the room's log, "" while it has none.
	Epoch string
	// More says that there are older messages.
	More bool
}

// Presence says who is in a room.
type Presence struct {
	RoomID string
	// Count counts users, not connections.
	Count int
	// Users names at most the first 100 of them, sorted; fewer where their
	// names are long.
	Users []string
}

// State is how a client stands with its server.
type State string

const (
	// Connecting is the state until the first connection is open.
	StateConnecting State = "connecting"
	// Open means that a connection is open. Rooms may still be joined.
	StateOpen State = "open"
	// Reconnecting means that the connection was lost; the client makes
	// another.
	StateReconnecting State = "reconnecting"
	// Closed is the state after Close.
	StateClosed State = "closed"
)
