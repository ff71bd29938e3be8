package protocol

import "encoding/json"

// Frame is a frame from the server. Its fields are in the order in which they
// are sent; [Encode] puts the type before them.
type Frame interface {
	// Type is the value of the frame's field type.
	Type() string
}

// Message is a message of a room, for everybody in it.
type Message struct {
	RoomID string `json:"roomId"`
	// Seq counts the messages of the room, from 1.
	Seq       int64  `json:"seq"`
	ID        string `json:"id"`
	UserID    string `json:"userId"`
	Message   string `json:"message"`
	Timestamp int64  `json:"timestamp"` // ms since 1970
}

// Ack says that a message is in the room's log.
type Ack struct {
	ClientID  string `json:"clientId,omitempty"`
	RoomID    string `json:"roomId"`
	Seq       int64  `json:"seq"`
	ID        string `json:"id"`
	Timestamp int64  `json:"timestamp"` // ms since 1970
}

// NotifyAck says that a notification was sent, and to how many connections.
type NotifyAck struct {
	ClientID  string `json:"clientId,omitempty"`
	ID        string `json:"id"`
	Delivered int    `json:"delivered"`
	Timestamp int64  `json:"timestamp"` // ms since 1970
}

// Joined says that the connection is in the room.
type Joined struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
	// Seq is that of the room's newest message, 0 when it has none.
	Seq int64 `json:"seq"`
	// Epoch names the room's log, "" while it has none.
	Epoch string `json:"epoch"`
	// Recovered says that Messages holds everything after the client's since.
	Recovered bool      `json:"recovered"`
	Messages  []Message `json:"messages"`
}

// Left says that the connection is not in the room.
type Left struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
}

// Cursor is where somebody's cursor is.
type Cursor struct {
	RoomID    string   `json:"roomId"`
	UserID    string   `json:"userId"`
	Position  Position `json:"position"`
	Color     string   `json:"color,omitempty"`
	Timestamp int64    `json:"timestamp"` // ms since 1970
}

// Notification is a notification, for every connection of a user.
type Notification struct {
	ID           string          `json:"id"`
	From         string          `json:"from"`
	Notification json.RawMessage `json:"notification"`
	Timestamp    int64           `json:"timestamp"` // ms since 1970
}

// Presence says who is in a room.
type Presence struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
	// Count counts users, not connections.
	Count int `json:"count"`
	// Users names the first MaxPresenceUsers of them, sorted.
	Users []string `json:"users"`
}

// Pong answers a ping.
type Pong struct {
	ClientID  string `json:"clientId,omitempty"`
	Timestamp int64  `json:"timestamp"` // ms since 1970
}

// ErrorFrame tells of an [Error].
type ErrorFrame struct {
	Code         Code   `json:"code"`
	Message      string `json:"message"`
	ClientID     string `json:"clientId,omitempty"`
	RetryAfterMs int64  `json:"retryAfterMs,omitempty"`
}

// Type implements [Frame].
func (Message) Type() string { return "message" }

// Type implements [Frame].
func (Ack) Type() string { return "ack" }

// Type implements [Frame].
func (NotifyAck) Type() string { return "ack" }

// Type implements [Frame].
func (Joined) Type() string { return "joined" }

// Type implements [Frame].
func (Left) Type() string { return "left" }

// Type implements [Frame].
func (Cursor) Type() string { return "cursor" }

// Type implements [Frame].
func (Notification) Type() string { return "notification" }

// Type implements [Frame].
func (Presence) Type() string { return "presence" }

// Type implements [Frame].
func (Pong) Type() string { return "pong" }

// Type implements [Frame].
func (ErrorFrame) Type() string { return "error" }
