package protocol

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
	if e := checkText("roomId", roomID, 1, MaxName); e != nil {
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
	if e := checkText("userId", userID, 1, MaxName); e != nil {
		return "", e
	}
	return userID, nil
}
