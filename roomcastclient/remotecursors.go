package roomcastclient

import "time"

// cursorKey identifies a user's cursor in a room.
type cursorKey struct{ roomID, userID string }

// receiveCursor handles the position of another user's cursor. Two positions may
// overtake each other on their way, so one that is older than the newest so far, by
// the server's time, is dropped. A position that has not been delivered yet is
// replaced by a newer one, because only the newest counts. The caller holds c.mu.
func (c *Client) receiveCursor(in *incoming) {
	r := c.rooms[in.RoomID]
	if r == nil || r.leaving || in.Timestamp < r.newestMoves[in.UserID] {
		return
	}
	if c.opts.OnCursor == nil && !hasListener(c, r.id, cursorsOf) {
		return
	}
	r.newestMoves[in.UserID] = in.Timestamp
	key := cursorKey{in.RoomID, in.UserID}
	_, queued := c.remoteCursors[key]
	c.remoteCursors[key] = Cursor{
		RoomID: in.RoomID, UserID: in.UserID, Position: CursorPosition{in.Position}, Color: in.Color,
		Timestamp: time.UnixMilli(in.Timestamp),
	}
	if queued {
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
			notify(c, key.roomID, cursorsOf, c.opts.OnCursor, newest)
		}
	})
}
