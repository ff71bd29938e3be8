package roomcastclient

import (
	"encoding/json"
	"time"

	"github.com/roomcast/roomcast/internal/jsonvalue"
	"github.com/roomcast/roomcast/internal/protocol"
)

// outgoing is a frame to the server.
type outgoing struct {
	Action       string          `json:"action"`
	ClientID     string          `json:"clientId"`
	RoomID       string          `json:"roomId,omitempty"`
	Message      string          `json:"message,omitempty"`
	Since        any             `json:"since,omitempty"` // a seq, or a notification's id
	Epoch        string          `json:"epoch,omitempty"`
	Heartbeat    int64           `json:"heartbeat,omitempty"` // s
	Before       int64           `json:"before,omitempty"`
	Limit        int             `json:"limit,omitempty"`
	Rooms        []roomPosition  `json:"rooms,omitempty"`
	UserIDs      []string        `json:"userIds,omitempty"`
	Notification json.RawMessage `json:"notification,omitempty"`
	IDs          *[]string       `json:"ids,omitempty"` // a pointer, because an empty list is sent too
	DroppedUpTo  int64           `json:"droppedUpTo,omitempty"`
	Token        string          `json:"token,omitempty"`
}

// roomPosition is how far the client has come in a room.
type roomPosition struct {
	RoomID string `json:"roomId"`
	Seq    int64  `json:"seq"`
}

// encode returns the frame's JSON, or the error with which the server would refuse
// it.
func (o outgoing) encode() ([]byte, error) {
	for _, f := range []struct{ field, text string }{
		{"clientId", o.ClientID}, {"roomId", o.RoomID}, {"message", o.Message}, {"epoch", o.Epoch}, {"token", o.Token},
	} {
		if err := checkUTF8(f.field, f.text); err != nil {
			return nil, err
		}
	}
	frame, err := jsonvalue.Marshal(o)
	if err != nil {
		return nil, err
	}
	return frame, invalid(protocol.CheckFrame(frame))
}

// maxRetryAfter is the longest pause that the client accepts: a function of the
// application's own may name any.
const maxRetryAfter = 24 * time.Hour

// batchType is the type of a frame that holds other frames.
const batchType = "batch"

// incoming is any frame from the server. Fields that its Type does not have are
// zero.
type incoming struct {
	Type          string              `json:"type"`
	ClientID      string              `json:"clientId"`
	RoomID        string              `json:"roomId"`
	Seq           int64               `json:"seq"`
	Epoch         string              `json:"epoch"`
	ID            string              `json:"id"`
	UserID        string              `json:"userId"`
	From          string              `json:"from"`
	Message       string              `json:"message"`
	Notification  json.RawMessage     `json:"notification"`
	Timestamp     int64               `json:"timestamp"` // ms since 1970
	Recovered     bool                `json:"recovered"`
	More          bool                `json:"more"`
	Messages      []messageFrame      `json:"messages"`
	Notifications []notificationFrame `json:"notifications"`
	Dropped       int                 `json:"dropped"`
	DroppedUpTo   int64               `json:"droppedUpTo"`
	Members       int                 `json:"members"`
	Frames        []json.RawMessage   `json:"frames"`
	Delivered     int                 `json:"delivered"`
	Count         int                 `json:"count"`
	Users         []string            `json:"users"`
	Rooms         []pongRoom          `json:"rooms"`
	Code          string              `json:"code"`
	RetryAfterMs  int64               `json:"retryAfterMs"`
	ExpiresAt     int64               `json:"expiresAt"` // ms since 1970
	Left          []string            `json:"left"`
	Position      protocol.Position   `json:"position"`
	Color         string              `json:"color"`

	RequestID string `json:"requestId"` // of API Gateway's own frames
	raw       []byte // the whole frame
	custom    bool   // it is the reply to a Request
}

type messageFrame struct {
	RoomID    string `json:"roomId"`
	Seq       int64  `json:"seq"`
	ID        string `json:"id"`
	UserID    string `json:"userId"`
	Message   string `json:"message"`
	Timestamp int64  `json:"timestamp"` // ms since 1970
}

type notificationFrame struct {
	ID           string          `json:"id"`
	From         string          `json:"from"`
	Notification json.RawMessage `json:"notification"`
	Timestamp    int64           `json:"timestamp"` // ms since 1970
}

// pongRoom is the state of a room in a pong.
type pongRoom struct {
	RoomID  string `json:"roomId"`
	Member  bool   `json:"member"`
	Seq     int64  `json:"seq"`
	Epoch   string `json:"epoch"`
	Members int    `json:"members"`
}

// message returns the message of a frame of type message.
func (in *incoming) message() Message {
	return messageFrame{in.RoomID, in.Seq, in.ID, in.UserID, in.Message, in.Timestamp}.message()
}

// notification returns the notification of a frame of type notification.
func (in *incoming) notification() Notification {
	return notificationFrame{in.ID, in.From, in.Notification, in.Timestamp}.notification()
}

// position returns where a joined or a history frame ends.
func (in *incoming) position() Position { return Position{Seq: in.Seq, Epoch: in.Epoch} }

// messages returns the messages of a joined or a history frame.
func (in *incoming) messages() []Message {
	list := make([]Message, len(in.Messages))
	for i, m := range in.Messages {
		list[i] = m.message()
	}
	return list
}

// replies are the types of the frames that answer each action.
var replies = map[string]string{
	protocol.ActionSendMessage:     "ack",
	protocol.ActionNotify:          "ack",
	protocol.ActionAckNotification: "ack",
	protocol.ActionJoin:            "joined",
	protocol.ActionLeave:           "left",
	protocol.ActionHistory:         "history",
	protocol.ActionInbox:           "inbox",
	protocol.ActionPing:            "pong",
	protocol.ActionPresence:        "presence",
	protocol.ActionRefresh:         "refreshed",
}

// knownTypes are the frame types that the client handles.
var knownTypes = map[string]bool{
	"message": true, "notification": true, "cursor": true, "error": true, batchType: true,
	"ack": true, "joined": true, "left": true, "history": true, "inbox": true, "pong": true, "presence": true, "refreshed": true,
}

// answers reports whether a frame answers an action in a room, or in none if
// roomID is "". The clientId alone does not tell: the application may have used it
// for an earlier message, a copy of which is answered late. An error names no
// room, so it may belong to any.
func (in *incoming) answers(action, roomID string) bool {
	return in.custom || in.Type == "error" || in.Type == replies[action] && in.RoomID == roomID
}

// failure returns the error of a frame of type error.
func (in *incoming) failure() *Error {
	pause := min(max(0, in.RetryAfterMs), maxRetryAfter.Milliseconds())
	return &Error{Code: Code(in.Code), Message: in.Message, RetryAfter: time.Duration(pause) * time.Millisecond}
}

func (m messageFrame) message() Message {
	return Message{
		RoomID: m.RoomID, Seq: m.Seq, ID: m.ID, UserID: m.UserID, Text: m.Message,
		Timestamp: time.UnixMilli(m.Timestamp),
	}
}

func (n notificationFrame) notification() Notification {
	return Notification{ID: n.ID, UserID: n.From, Data: n.Notification, Timestamp: time.UnixMilli(n.Timestamp)}
}
