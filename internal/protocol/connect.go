package protocol

import (
	"strings"
	"unicode/utf8"
)

// Subprotocol is what a client offers beside a token, in the header
// Sec-WebSocket-Protocol, and what the server chooses of the two.
const Subprotocol = "roomcast"

// Connect is what a client says in the query of its handshake.
type Connect struct {
	// RoomID is a room to join at once, "" for none.
	RoomID string
}

// DecodeConnect reads the query parameters of a handshake that count whoever
// makes it. Who that is says an authorizer, or [DecodeUserID].
func DecodeConnect(query map[string]string) (Connect, error) {
	roomID, ok := query["roomId"]
	if !ok {
		return Connect{}, nil
	}
	if e := checkParameter("roomId", roomID); e != nil {
		return Connect{}, e
	}
	return Connect{RoomID: roomID}, nil
}

// DecodeUserID reads, from the query parameters of a handshake, who the client
// says that it is. It counts in open authentication only.
func DecodeUserID(query map[string]string) (string, *Error) {
	userID, ok := query["userId"]
	if !ok {
		return "", Errorf(CodeBadField, "userId: is missing, connect to ?userId=NAME")
	}
	if e := checkParameter("userId", userID); e != nil {
		return "", e
	}
	return userID, nil
}

// checkParameter judges a name in the query of a handshake. On its way to here
// bytes that are no UTF-8 become U+FFFD, whatever they were, so that a name with
// that character may be another's.
func checkParameter(field, name string) *Error {
	e := checkText(field, name, 1, MaxName)
	if e == nil && strings.ContainsRune(name, utf8.RuneError) {
		e = Errorf(CodeBadField, "%s: must be valid UTF-8, and must not contain U+FFFD in a URL", field)
	}
	return e
}
