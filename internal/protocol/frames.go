package protocol

import "encoding/json"

// Frame is a frame from the server. Its fields are in the order in which they
// are sent; [Encode] puts the type before them.
type Frame interface {
	// Type is the value of the frame's field type.
	Type() string
}

// Message is a message of a room, for all its members.
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

// InboxAck says that notifications are no longer in the inbox.
type InboxAck struct {
	ClientID string   `json:"clientId,omitempty"`
	IDs      []string `json:"ids"`
}

// Joined says that the connection is in the room.
type Joined struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
	// Members is the approximate number of members, omitted until they were
	// counted.
	Members int `json:"members,omitempty"`
	Page
}

// History is a part of a room's log.
type History struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
	Page
}

// Page is a part of a room's log that fits in one frame.
type Page struct {
	// Seq is where the page ends or, for a page of older messages, where it
	// begins. Between it and the requested position there are no other messages
	// than the page's.
	Seq int64 `json:"seq"`
	// Epoch names the room's log, "" while it has none.
	Epoch string `json:"epoch"`
	// Recovered reports whether the page continues from the requested position
	// without a gap. Otherwise the page has the newest messages.
	Recovered bool `json:"recovered"`
	// More says that there are more messages on the other side of Seq.
	More bool `json:"more,omitempty"`
	// Messages are in the order of their seq.
	Messages []Message `json:"messages"`
}

// Left says that the connection is not in the room.
type Left struct {
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId"`
}

// Cursor is the position of a user's cursor.
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

// Inbox is a part of a user's inbox, the oldest first.
type Inbox struct {
	ClientID      string         `json:"clientId,omitempty"`
	Notifications []Notification `json:"notifications"`
	// Dropped is how many notifications were dropped because the inbox was full,
	// without the acknowledged ones.
	Dropped int64 `json:"dropped,omitempty"`
	// DroppedUpTo is how many were ever dropped, omitted if Dropped is 0. An
	// acknowledgement repeats it.
	DroppedUpTo int64 `json:"droppedUpTo,omitempty"`
	// More says that there are more after the last of these.
	More bool `json:"more,omitempty"`
}

// Presence lists the users in a room.
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
	// Rooms has an entry for each room that the ping named, in its order.
	Rooms []RoomState `json:"rooms,omitempty"`
}

// RoomState is the state of a room for one connection.
type RoomState struct {
	RoomID string `json:"roomId"`
	// Member reports whether the connection is in the room. If not, the other
	// fields are empty.
	Member bool `json:"member"`
	// Seq is the newest seq that was assigned in the room.
	Seq int64 `json:"seq,omitempty"`
	// Epoch names the room's log.
	Epoch string `json:"epoch,omitempty"`
	// Members is about how many members the room has, left out while nobody
	// has counted them.
	Members int `json:"members,omitempty"`
}

// Refreshed says that a connection has a new token.
type Refreshed struct {
	ClientID string `json:"clientId,omitempty"`
	// ExpiresAt is when the new token expires: ms since 1970.
	ExpiresAt int64 `json:"expiresAt"`
	// Left lists the rooms that the connection was in and that the new token does
	// not permit.
	Left []string `json:"left,omitempty"`
}

// ErrorFrame reports an [Error].
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
func (InboxAck) Type() string { return "ack" }

// Type implements [Frame].
func (History) Type() string { return "history" }

// Type implements [Frame].
func (Inbox) Type() string { return "inbox" }

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
func (Refreshed) Type() string { return "refreshed" }

// Type implements [Frame].
func (ErrorFrame) Type() string { return "error" }
