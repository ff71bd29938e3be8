package protocol

import (
	"fmt"
	"time"
)

// Ping asks whether the connection works, and for the state of some rooms.
type Ping struct {
	Request
	// Rooms lists the rooms to report, without duplicates.
	Rooms []Standpoint
	// Heartbeat is how often the client promises to ping at least, 0 when it
	// promises nothing.
	Heartbeat time.Duration
}

// Standpoint is a client's position in a room.
type Standpoint struct {
	RoomID string
	// Seq is the seq up to which it has every message.
	Seq int64
}

// DecodePing decodes the frame of a ping.
func DecodePing(body []byte) (Ping, error) {
	o, err := parse(body)
	if err != nil {
		return Ping{}, err
	}
	return Ping{Request: Request{ClientID: o.clientID}, Rooms: o.standpoints(), Heartbeat: o.heartbeat()}, o.err()
}

// standpoints reads the rooms of a ping.
func (o *object) standpoints() []Standpoint {
	raw, ok := o.raw("rooms")
	if !ok {
		return nil
	}
	var rooms []struct {
		RoomID *string `json:"roomId"`
		Seq    int64   `json:"seq"`
	}
	if !o.decode("rooms", raw, &rooms, "an array of {roomId, seq}") {
		return nil
	}
	if len(rooms) > MaxPingRooms {
		o.reject(Errorf(CodeBadField, "rooms: must name at most %d rooms, got %d", MaxPingRooms, len(rooms)))
		return nil
	}
	seen, names := map[string]bool{}, 0
	var points []Standpoint
	for i, room := range rooms {
		field := fmt.Sprintf("rooms[%d].", i)
		switch {
		case room.RoomID == nil:
			o.reject(Errorf(CodeBadField, "%sroomId: is missing", field))
			return nil
		case seen[*room.RoomID]:
			o.reject(Errorf(CodeBadField, "%sroomId: %q is named twice", field, *room.RoomID))
			return nil
		case room.Seq < 0 || room.Seq > maxSeq:
			o.reject(Errorf(CodeBadField, "%sseq: must be a whole number from 0 to %d, got %d", field, int64(maxSeq), room.Seq))
			return nil
		}
		if e := checkText(field+"roomId", *room.RoomID, 1, MaxName); e != nil {
			o.reject(e)
			return nil
		}
		if names += EncodedSize(*room.RoomID); names > MaxPingNames {
			o.reject(Errorf(CodeBadField, "rooms: the names must be at most %d bytes of JSON together", MaxPingNames))
			return nil
		}
		seen[*room.RoomID] = true
		points = append(points, Standpoint{RoomID: *room.RoomID, Seq: room.Seq})
	}
	return points
}
