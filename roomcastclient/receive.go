package roomcastclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// receiveFrame handles what arrived on a connection: a frame, or a batch of
// frames. The caller holds c.mu.
func (c *Client) receiveFrame(conn *connection, data []byte) {
	if conn.gone || len(bytes.TrimSpace(data)) == 0 {
		return
	}
	if conn.livenessTimer.pending() {
		c.awaitTraffic(conn)
	}
	in, err := c.decode(data)
	switch {
	case err != nil:
		c.fail(err)
	case in.Type == batchType:
		c.receiveBatch(conn, in.Frames)
	default:
		c.receiveSingle(conn, in)
	}
}

// receiveBatch handles each frame of a batch as if it had arrived alone. The
// caller holds c.mu.
func (c *Client) receiveBatch(conn *connection, frames []json.RawMessage) {
	for _, frame := range frames {
		if conn.gone { // by the one before
			return
		}
		in, err := c.decode(frame)
		switch {
		case err != nil:
			c.fail(err)
		case in.Type == batchType:
			c.fail(errors.New("roomcast: invalid frame from the server: a batch inside a batch"))
		default:
			c.receiveSingle(conn, in)
		}
	}
}

// decode decodes a frame. A frame of the application's own may have any fields:
// those whose type is not the client's are left out. The caller holds c.mu.
func (c *Client) decode(data []byte) (*incoming, error) {
	in := &incoming{raw: data}
	err := json.Unmarshal(data, in)
	q := c.requests[in.ClientID]
	own := q != nil && q.sendOnce
	in.custom = own && in.Type != "error"
	var odd *json.UnmarshalTypeError
	if err != nil && (!errors.As(err, &odd) || odd.Field == "" || knownTypes[in.Type] && !own) {
		return nil, fmt.Errorf("roomcast: invalid frame from the server: %w", err)
	}
	return in, nil
}

// receiveSingle handles one frame. The caller holds c.mu.
func (c *Client) receiveSingle(conn *connection, in *incoming) {
	switch {
	case in.custom:
		c.receiveReply(conn, in)
	case in.Type == "message":
		c.receiveMessage(conn, in.message())
	case in.Type == "notification":
		c.receiveNotification(in.notification())
	case in.Type == "cursor":
		c.receiveCursor(in)
	case in.Type == "" && in.RequestID != "":
		c.receiveGatewayError(conn, in)
	case in.Type == "error" && in.ClientID == "":
		c.receiveUnmatchedError(conn, in.failure())
	case !knownTypes[in.Type]:
		c.emitFrame(in)
	default:
		c.receiveReply(conn, in)
	}
}

// receiveUnmatchedError handles an error that names no request, as that of a
// cursor position. After a position that was one too many, the next one follows by
// itself. The caller holds c.mu.
func (c *Client) receiveUnmatchedError(conn *connection, err *Error) {
	switch err.Code {
	case CodeRateLimited:
	case CodeTokenExpired:
		c.tokenExpired(conn, err)
	default:
		if q := c.unmatchedRequest(conn, err); q != nil {
			q.markRefused(err)
			c.finish(q, nil, err)
			return
		}
		c.fail(err)
	}
}

// unmatchedRequest returns the request that an error without a clientId answers,
// if that is certain: the server repeats no clientId that it refuses, and none of
// a frame that it cannot read, and only one request is pending. Without this, the
// request and those behind it would wait in vain. The caller holds c.mu.
func (c *Client) unmatchedRequest(conn *connection, err *Error) (only *request) {
	if err.Code != CodeBadFrame && !strings.HasPrefix(err.Message, "clientId:") {
		return nil
	}
	for _, q := range c.requests {
		if q.sentOn == conn && !q.paused {
			if only != nil {
				return nil
			}
			only = q
		}
	}
	return only
}
