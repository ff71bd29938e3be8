package protocol

import (
	"slices"
	"strings"
	"time"
)

// The actions of the protocol: the values of a frame's action.
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

// actions are all actions, in the order of docs/reference/protocol.md, with what
// checks a frame of each.
var actions = []struct {
	name  string
	check func(body []byte) error
}{
	{ActionSendMessage, check(DecodeSendMessage)},
	{ActionJoin, check(DecodeJoin)},
	{ActionLeave, check(DecodeLeave)},
	{ActionHistory, check(DecodeHistory)},
	{ActionCursorMove, check(DecodeCursorMove)},
	{ActionNotify, check(DecodeNotify)},
	{ActionInbox, check(DecodeInbox)},
	{ActionAckNotification, check(DecodeAckNotification)},
	{ActionPresence, check(DecodePresence)},
	{ActionPing, check(DecodePing)},
	{ActionRefresh, check(DecodeRefresh)},
}

// Actions lists every action, in the order of docs/reference/protocol.md.
var Actions = func() []string {
	var names []string
	for _, a := range actions {
		names = append(names, a.name)
	}
	return names
}()

// Request has the fields of every frame from a client.
type Request struct {
	// ClientID is the application's own name for the request, "" for none.
	ClientID string
	// RoomID is the room that the frame names, "" if it names none.
	RoomID string
}

// SendMessage asks to send a message to a room.
type SendMessage struct {
	Request
	Message string
	// Quiet says that the sender wants no ack: its frame has a userId and no
	// clientId, like that of the client from which this protocol grew. That client
	// would print an ack as a chat line.
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
	// Since is the position up to which the client has every message, nil if it
	// has none.
	Since *Point
	// Heartbeat is the longest interval in which the client promises to ping, 0
	// for no promise.
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

// DecodeUnknown returns the error for a frame without a route: it is not a
// frame, or its action does not exist. own lists the application's own actions.
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

// request reads the remaining fields of a Request.
func (o *object) request() Request {
	return Request{ClientID: o.clientID, RoomID: o.optionalText("roomId", 1, MaxName)}
}
