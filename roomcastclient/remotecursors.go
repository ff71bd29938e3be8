package roomcastclient

import "time"

// movedKey says whose cursor in which room.
type cursorKey struct{ roomID, userID string }

// moved takes in where somebody's cursor is. Two moves may overtake each other on
// their way, so one that is older than the newest so far, by the server's time
// of it, is dropped. One that OnCursor was not told yet is replaced by the newer
// one: there may be many, and only the newest counts. With c.mu held.
func (c *Client) receiveCursor(in *incoming) {
	r := c.rooms[in.RoomID]
	if c.opts.OnCursor == nil || r == nil || r.leaving || in.Timestamp < r.newestMoves[in.UserID] {
		return
	}
	r.newestMoves[in.UserID] = in.Timestamp
	key := cursorKey{in.RoomID, in.UserID}
	_, waits := c.remoteCursors[key]
	c.remoteCursors[key] = Cursor{
		RoomID: in.RoomID, UserID: in.UserID, Position: CursorPosition{in.Position}, Color: in.Color,
		Timestamp: time.UnixMilli(in.Timestamp),
	}
	if waits {
		return
	}
	c.emit(func() {
		var newest Cursor
		var joined bool
		c.lock(func() {
			newest = c.remoteCursors[key]
			delete(c.remoteCursors, key)
			r := c.rooms[key.roomID]
			joined = r != nil && !r.leaving
		})
		if joined {
			c.opts.OnCursor(newest)
		}
	})
}
