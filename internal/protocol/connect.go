package protocol

import (
	"strings"
	"unicode/utf8"
)

// Subprotocol is the name that a client offers with a token in the header
// Sec-WebSocket-Protocol, and that the server chooses.
const Subprotocol = "roomcast"

// Connect holds the query parameters of a handshake.
type Connect struct {
	// RoomID is a room to join immediately, "" for none.
	RoomID string
}

// DecodeConnect reads the query parameters of a handshake that apply to every
// client. The user comes from an authorizer, or from [DecodeUserID].
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

// DecodeUserID reads the user that a client claims to be from the query
// parameters of a handshake. It applies to open authentication only.
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

// checkParameter checks a name in the query of a handshake. Invalid UTF-8
// becomes U+FFFD on its way here, so a name with that character may stand for
// another one.
func checkParameter(field, name string) *Error {
	e := checkText(field, name, 1, MaxName)
	if e == nil && strings.ContainsRune(name, utf8.RuneError) {
		e = Errorf(CodeBadField, "%s: must be valid UTF-8, and must not contain U+FFFD in a URL", field)
	}
	return e
}
