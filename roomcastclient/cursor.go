package roomcastclient

import (
	"encoding/json"
	"time"

	"github.com/roomcast/roomcast/internal/jsonvalue"
	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// membersPerInterval is for how many members of a room a position waits
	// another CursorInterval.
	membersPerInterval = 100
	// maxBacklog is how many bytes may wait for the network when a position is
	// sent. A message that is sent next would have to wait for the position, too.
	maxBacklog = 64 << 10
)

// CursorPosition is a place in a text or on a plane. [TextPosition] and
// [PlanePosition] return one; the zero value is no place, and refused. Its JSON is
// {"line":1,"column":2} or {"x":1,"y":2}.
type CursorPosition struct{ at protocol.Position }

// TextPosition returns a place in a text. Both numbers must be finite.
func TextPosition(line, column float64) CursorPosition {
	return CursorPosition{protocol.Position{Line: &line, Column: &column}}
}

// PlanePosition returns a place on a plane, in units that the application chooses.
// Both numbers must be finite.
func PlanePosition(x, y float64) CursorPosition {
	return CursorPosition{protocol.Position{X: &x, Y: &y}}
}

// Text returns a place in a text. ok is false if the position is not in a text.
func (p CursorPosition) Text() (line, column float64, ok bool) { return pair(p.at.Line, p.at.Column) }

// Plane returns a place on a plane. ok is false if the position is not on a plane.
func (p CursorPosition) Plane() (x, y float64, ok bool) { return pair(p.at.X, p.at.Y) }

// MarshalJSON implements [json.Marshaler].
func (p CursorPosition) MarshalJSON() ([]byte, error) { return json.Marshal(p.at) }

// UnmarshalJSON implements [json.Unmarshaler].
func (p *CursorPosition) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &p.at) }

func pair(a, b *float64) (float64, float64, bool) {
	if a == nil || b == nil {
		return 0, 0, false
	}
	return *a, *b, true
}

// ownCursor is the user's cursor in a room. Its positions have no reply and are not
// sent again.
type ownCursor struct {
	members int    // about how many the room has, 0 if that is not known
	latest  []byte // the frame of a position that waits, nil for none
	began   time.Time
	wait    *timer // for the end of the interval that began
}

// cursorFrame is the frame of a position. It has no clientId, because it has no
// reply.
type cursorFrame struct {
	Action   string            `json:"action"`
	RoomID   string            `json:"roomId"`
	Position protocol.Position `json:"position"`
	Color    string            `json:"color,omitempty"`
}

// encode returns the frame's JSON, or the error with which the server would refuse
// it.
func (f cursorFrame) encode() ([]byte, error) {
	if err := protocol.CheckRoomID(f.RoomID); err != nil {
		return nil, invalid(err)
	}
	if err := checkUTF8("color", f.Color); err != nil {
		return nil, err
	}
	frame, err := jsonvalue.Marshal(f)
	if err != nil {
		return nil, badField("position", "must be finite numbers", err)
	}
	return frame, invalid(protocol.CheckFrame(frame))
}

// moveCursor sends a position of the user's cursor, or keeps it until the interval
// ends.
func (c *Client) moveCursor(roomID string, to CursorPosition, color string) error {
	frame, err := cursorFrame{protocol.ActionCursorMove, roomID, to.at, color}.encode()
	if err != nil {
		return err
	}
	open := c.lock(func() {
		r := c.rooms[roomID]
		if r == nil || r.leaving {
			err = errNotInRoom(roomID)
			return
		}
		r.cursor.latest = frame
		if !r.cursor.wait.pending() {
			c.sendMove(r)
		}
	})
	if !open {
		return errClosed()
	}
	return err
}

// sendMove sends the newest position of a room, if one waits, and begins an
// interval. The caller holds c.mu.
func (c *Client) sendMove(r *roomState) {
	k := &r.cursor
	if k.latest == nil {
		return
	}
	k.began = time.Now()
	k.wait = c.after(c.moveInterval(r), func() { c.sendMove(r) })
	conn := c.active
	if conn != nil && conn.token.expired {
		conn = nil
	}
	if conn != nil && conn.out.backlog() > maxBacklog {
		return
	}
	if conn != nil && conn.joined[r.id] {
		conn.send(k.latest, time.Time{})
	}
	k.latest = nil
}

// moveInterval returns how long a position waits for the one before. The caller
// holds c.mu.
func (c *Client) moveInterval(r *roomState) time.Duration {
	hundreds := (r.cursor.members + membersPerInterval - 1) / membersPerInterval
	return c.opts.CursorInterval * time.Duration(max(1, hundreds))
}

// setMemberCount notes about how many members a room has, 0 if the server did not
// say. The interval that has begun gets the matching length. The caller holds c.mu.
func (c *Client) setMemberCount(r *roomState, members int) {
	k := &r.cursor
	if members == 0 || members == k.members {
		return
	}
	k.members = members
	if k.wait.pending() {
		k.wait.stop()
		k.wait = c.after(c.moveInterval(r)-time.Since(k.began), func() { c.sendMove(r) })
	}
}
