package protocol

// Connect is what a client says in the query of its handshake.
type Connect struct {
	// UserID is who is connecting.
	UserID string
	// RoomID is a room to join at once, "" for none.
	RoomID string
}

// DecodeConnect reads the query parameters of a handshake.
func DecodeConnect(query map[string]string) (Connect, error) {
	userID, ok := query["userId"]
	if !ok {
		return Connect{}, Errorf(CodeBadField, "userId: is missing, connect to ?userId=NAME")
	}
	if e := checkText("userId", userID, 1, MaxName); e != nil {
		return Connect{}, e
	}
	roomID, ok := query["roomId"]
	if !ok {
		return Connect{UserID: userID}, nil
	}
	if e := checkText("roomId", roomID, 1, MaxName); e != nil {
		return Connect{}, e
	}
	return Connect{UserID: userID, RoomID: roomID}, nil
}
