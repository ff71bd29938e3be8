package roomcastclient

import (
	"encoding/json"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// membersPerInterval is how many members a room has for each
	// CursorInterval that a move waits there.
	membersPerInterval = 100
	// maxBacklog is how many bytes may wait to be written when a move is sent:
	// a message that is sent next would have to wait for it, too.
	maxBacklog = 64 << 10
)

// CursorPosition is where a cursor is. [TextPosition] and [PlanePosition] make
// one; without them it is nowhere, and refused. Its JSON is {"line":1,"column":2}
// or {"x":1,"y":2}, as in a frame.
type CursorPosition struct{ at protocol.Position }

// TextPosition is a place in a text.
func TextPosition(line, column float64) CursorPosition {
	return CursorPosition{protocol.Position{Line: &line, Column: &column}}
}

// PlanePosition is a place on a plane, in units that the application chooses.
func PlanePosition(x, y float64) CursorPosition {
	return CursorPosition{protocol.Position{X: &x, Y: &y}}
}

// Text returns the place in a text; false when it is no such place.
func (p CursorPosition) Text() (line, column float64, ok bool) { return pair(p.at.Line, p.at.Column) }

// Plane returns the place on a plane; false when it is no such place.
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

// cursor is the user's cursor in a room. Its moves have no answer and are not
// sent again.
type ownCursor struct {
	members int    // about how many the room has, 0 while that is not known
	latest  []byte // the frame of a move that waits, nil for none
	began   time.Time
	wait    *timer // for the end of the interval that began
}

// cursorFrame is a frame to the server. It names no request: there is no answer.
type cursorFrame struct {
	Action   string            `json:"action"`
	RoomID   string            `json:"roomId"`
	Position protocol.Position `json:"position"`
	Color    string            `json:"color,omitempty"`
}

// encode returns the frame's JSON, or what the server would refuse it for.
func (f cursorFrame) encode() ([]byte, error) {
	if err := protocol.CheckRoomID(f.RoomID); err != nil {
		return nil, invalid(err)
	}
	if err := checkUTF8("color", f.Color); err != nil {
		return nil, err
	}
	frame, err := encodeJSON(f)
	if err != nil {
		return nil, badField("position", "must be finite numbers", err)
	}
	return frame, invalid(protocol.CheckFrame(frame))
}

// MoveCursor shows the others in a room that was joined where the user's cursor
// is, in a colour as CSS writes it, of up to 32 characters, or "" for none. It
// does not wait, and may be called as often as the cursor moves: the newest
// position is sent every CursorInterval, and more seldom in a room of more than
// 100 members. Those in between are dropped, and so is one that is due while
// there is no connection. While a slow network holds up what was sent before,
// the newest is kept back.
//
// The error says what is wrong with an argument, that the room was not joined,
// or [CodeClosed].
func (c *Client) MoveCursor(roomID string, to CursorPosition, color string) error {
	frame, err := cursorFrame{protocol.ActionCursorMove, roomID, to.at, color}.encode()
	if err != nil {
		return err
	}
	open := c.lock(func() {
		r := c.rooms[roomID]
		if r == nil || r.leaving {
			err = notMember(roomID)
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

// sendMove sends the newest move of a room, if one waits, and begins an
// interval. With c.mu held.
func (c *Client) sendMove(r *room) {
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

// moveInterval returns how long a move waits for the one before. With c.mu held.
func (c *Client) moveInterval(r *room) time.Duration {
	hundreds := (r.cursor.members + membersPerInterval - 1) / membersPerInterval
	return c.opts.CursorInterval * time.Duration(max(1, hundreds))
}

// counted takes in about how many members a room has, 0 where the server did
// not say: the interval that has begun is as long as that asks for. With c.mu
// held.
func (c *Client) setMemberCount(r *room, members int) {
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
