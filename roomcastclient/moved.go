package roomcastclient

import "time"

// movedKey says whose cursor in which room.
type movedKey struct{ roomID, userID string }

// moved takes in where somebody's cursor is. Two moves may overtake each other on
// their way, so one that is older than the newest so far, by the server's time
// of it, is dropped. One that OnCursor was not told yet is replaced by the newer
// one: there may be many, and only the newest counts. With c.mu held.
func (c *Client) moved(in *incoming) {
	r := c.rooms[in.RoomID]
	if c.opts.OnCursor == nil || r == nil || r.leaving || in.Timestamp < r.moved[in.UserID] {
		return
	}
	r.moved[in.UserID] = in.Timestamp
	key := movedKey{in.RoomID, in.UserID}
	_, waits := c.moves[key]
	c.moves[key] = Cursor{
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
			newest = c.moves[key]
			delete(c.moves, key)
			r := c.rooms[key.roomID]
			joined = r != nil && !r.leaving
		})
		if joined {
			c.opts.OnCursor(newest)
		}
	})
}
