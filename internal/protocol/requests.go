package protocol

import (
	"slices"
	"strings"
	"time"
)

// Actions that a client may ask for: the values of a frame's action.
const (
	ActionSendMessage = "sendMessage"
	ActionJoin        = "join"
	ActionLeave       = "leave"
	ActionHistory     = "history"
	ActionCursorMove  = "cursorMove"
	ActionNotify      = "notify"
	ActionInbox       = "inbox"
	ActionPresence    = "presence"
	ActionPing        = "ping"
	ActionRefresh     = "refresh"

	ActionAckNotification = "ackNotification"
)

// Actions lists every action, in the order of docs/reference/protocol.md.
var Actions = []string{
	ActionSendMessage, ActionJoin, ActionLeave, ActionHistory, ActionCursorMove,
	ActionNotify, ActionInbox, ActionAckNotification, ActionPresence, ActionPing,
	ActionRefresh,
}

// Request is what every frame from a client has.
type Request struct {
	// ClientID is the application's own name for the request, "" for none.
	ClientID string
	// RoomID is the room that the frame names, "" when it names none.
	RoomID string
}

// SendMessage asks to send a message to a room.
type SendMessage struct {
	Request
	Message string
	// Quiet says that the sender wants no ack: its frame has a userId and no
	// clientId, which is how the client looks that this protocol grew from.
	// That client would print an ack as a line of the chat.
	Quiet bool
}

// DecodeSendMessage decodes the frame of a sendMessage.
func DecodeSendMessage(body []byte) (SendMessage, error) {
	o, err := parse(body)
	if err != nil {
		return SendMessage{}, err
	}
	s := SendMessage{Request: o.request()}
	if raw, ok := o.required("message"); ok && o.decode("message", raw, &s.Message, "a string") {
		if e := checkMessage(s.Message); e != nil {
			o.reject(e)
		}
	}
	_, stamped := o.fields["userId"]
	s.Quiet = stamped && s.ClientID == ""
	return s, o.err()
}

// Join asks to join a room.
type Join struct {
	Request
	// Since is the position up to which the client has every message, nil
	// when it has none.
	Since *Point
	// Heartbeat is how often the client promises to ping at least, 0 when it
	// promises nothing.
	Heartbeat time.Duration
}

// DecodeJoin decodes the frame of a join.
func DecodeJoin(body []byte) (Join, error) {
	o, err := parse(body)
	if err != nil {
		return Join{}, err
	}
	o.required("roomId")
	return Join{Request: o.request(), Since: o.point(), Heartbeat: o.heartbeat()}, o.err()
}

// DecodeLeave decodes the frame of a leave.
func DecodeLeave(body []byte) (Request, error) {
	o, err := parse(body)
	if err != nil {
		return Request{}, err
	}
	o.required("roomId")
	return o.request(), o.err()
}

// DecodePresence decodes the frame of a presence.
func DecodePresence(body []byte) (Request, error) {
	o, err := parse(body)
	if err != nil {
		return Request{}, err
	}
	return o.request(), o.err()
}

// DecodeUnknown returns the error for a frame that no route takes: it is no
// frame at all, or its action does not exist. own are the actions that the
// application has beside Roomcast's.
func DecodeUnknown(body []byte, own ...string) error {
	o, err := parse(body)
	if err != nil {
		return err
	}
	action := []rune(o.action)
	if len(action) > MaxName {
		action = action[:MaxName]
	}
	return o.fail(Errorf(CodeUnknownAction, "no action %q, there are: %s", string(action), strings.Join(slices.Concat(Actions, own), ", ")))
}

// request reads what is left of a Request.
func (o *object) request() Request {
	return Request{ClientID: o.clientID, RoomID: o.optionalText("roomId", 1, MaxName)}
}
