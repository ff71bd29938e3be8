package roomcast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// received takes in what came on a connection: a frame, or a batch of them.
// With c.mu held.
func (c *Client) received(conn *connection, data []byte) {
	if conn.gone || len(bytes.TrimSpace(data)) == 0 {
		return
	}
	in, err := read(data)
	switch {
	case err != nil:
		c.fail(err)
	case in.Type == batchType:
		c.unpack(conn, in.Frames)
	default:
		c.take(conn, in)
	}
}

// unpack takes in the frames of a batch as if each had come alone. With c.mu
// held.
func (c *Client) unpack(conn *connection, frames []json.RawMessage) {
	for _, frame := range frames {
		if conn.gone { // by the one before
			return
		}
		in, err := read(frame)
		switch {
		case err != nil:
			c.fail(err)
		case in.Type == batchType:
			c.fail(errors.New("roomcast: a frame from the server: a batch in a batch"))
		default:
			c.take(conn, in)
		}
	}
}

// read decodes a frame.
func read(data []byte) (*incoming, error) {
	in := &incoming{}
	if err := json.Unmarshal(data, in); err != nil {
		return nil, fmt.Errorf("roomcast: a frame from the server: %w", err)
	}
	return in, nil
}

// take takes in a single frame. With c.mu held.
func (c *Client) take(conn *connection, in *incoming) {
	switch in.Type {
	case "message":
		c.live(conn, in.message())
	case "notification":
		c.notified(in.notification())
	case "cursor":
		c.moved(in)
	case "":
		c.interrupted(conn)
	default:
		if in.Type == "error" && in.ClientID == "" {
			c.refusedMove(conn, in.failure())
			return
		}
		c.answered(conn, in)
	}
}

// refusedMove takes in an error that names no request, as that of a cursor does
// not. One that was too much is made up for by the next. With c.mu held.
func (c *Client) refusedMove(conn *connection, err *Error) {
	switch err.Code {
	case string(protocol.CodeRateLimited):
	case string(protocol.CodeTokenExpired):
		c.tokenExpired(conn, err)
	default:
		c.fail(err)
	}
}
