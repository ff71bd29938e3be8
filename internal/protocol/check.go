package protocol

// CheckFrame says what the server would refuse a frame for by its size or its
// shape, whatever its action, as an [*Error], or returns nil. A program that
// sends frames calls it first: API Gateway closes the connection of a client
// that sends more than [MaxFrame] bytes, with everything else that is under
// way on it.
func CheckFrame(body []byte) error {
	o, err := parse(body)
	if err != nil {
		return err
	}
	if check := checks[o.action]; check != nil {
		err = check(body)
	} else {
		err = o.err()
	}
	if err == nil && len(body) > MaxFrame { // last: what is wrong with a field says more
		return Errorf(CodeMessageTooLarge, "the frame must be at most %d bytes, got %d: send less, or in parts", MaxFrame, len(body))
	}
	return err
}

// checks decode the frame of each action. An action of the application's own
// has no fields that are known here, but for its clientId.
var checks = map[string]func(body []byte) error{
	ActionSendMessage:     check(DecodeSendMessage),
	ActionJoin:            check(DecodeJoin),
	ActionLeave:           check(DecodeLeave),
	ActionHistory:         check(DecodeHistory),
	ActionCursorMove:      check(DecodeCursorMove),
	ActionNotify:          check(DecodeNotify),
	ActionInbox:           check(DecodeInbox),
	ActionAckNotification: check(DecodeAckNotification),
	ActionPresence:        check(DecodePresence),
	ActionPing:            check(DecodePing),
	ActionRefresh:         check(DecodeRefresh),
}

func check[T any](decode func(body []byte) (T, error)) func(body []byte) error {
	return func(body []byte) error {
		_, err := decode(body)
		return err
	}
}
