package roomcast

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// received takes in a frame. With c.mu held.
func (c *Client) received(conn *connection, data []byte) {
	if conn.gone || len(bytes.TrimSpace(data)) == 0 {
		return
	}
	in := &incoming{}
	if err := json.Unmarshal(data, in); err != nil {
		c.fail(fmt.Errorf("roomcast: a frame from the server: %w", err))
		return
	}
	switch in.Type {
	case "message":
		c.live(conn, in.message())
	case "notification":
		c.notified(in.notification())
	case "":
		c.interrupted(conn)
	default:
		if in.Type == "error" && in.ClientID == "" {
			c.fail(in.failure())
			return
		}
		c.answered(conn, in)
	}
}
