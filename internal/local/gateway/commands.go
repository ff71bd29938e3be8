package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// iso8601 is how the @connections API writes a time, in UTC.
const iso8601 = "2006-01-02T15:04:05.000Z"

// serveCommand answers an @connections request for the connection with that id.
func (g *Gateway) serveCommand(w http.ResponseWriter, r *http.Request, id string) {
	var command func(*connection, http.ResponseWriter, *http.Request)
	switch r.Method {
	case http.MethodPost:
		command = g.postToConnection
	case http.MethodGet:
		command = g.getConnection
	case http.MethodDelete:
		command = g.deleteConnection
	default:
		writeNoRoute(w, r)
		return
	}
	if !isID(id) {
		writeError(w, http.StatusBadRequest, "BadRequestException", "Invalid connectionId: "+id)
		return
	}
	c := g.conns.get(id)
	if c == nil {
		writeGone(w)
		return
	}
	command(c, w, r)
}

// postToConnection sends the request's body to the client as a text message.
// 200 means that the message is on its way, not that the client has it.
func (g *Gateway) postToConnection(c *connection, w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		writeError(w, http.StatusBadRequest, "BadRequestException", "the body could not be read")
		return
	}
	if len(body) > maxMessage {
		writeError(w, http.StatusRequestEntityTooLarge, "PayloadTooLargeException", "Message too long")
		return
	}
	switch err := c.send(body); {
	case errors.Is(err, errGone):
		writeGone(w)
	case errors.Is(err, errBufferFull):
		writeError(w, http.StatusTooManyRequests, "LimitExceededException", "The client side buffer is full")
	default:
		c.touch()
		w.Header().Set("X-Amzn-RequestId", newID())
		w.WriteHeader(http.StatusOK)
	}
}

// readBody reads a request's body, at most one byte more than a message may
// have.
func readBody(r *http.Request) ([]byte, error) {
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(min(r.ContentLength, maxMessage)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(r.Body, maxMessage+1))
	return b.Bytes(), err
}

// getConnection describes the connection.
func (g *Gateway) getConnection(c *connection, w http.ResponseWriter, _ *http.Request) {
	if _, closing := c.ending(); closing {
		writeGone(w)
		return
	}
	description, err := json.Marshal(struct {
		ConnectedAt  string   `json:"connectedAt"`
		Identity     identity `json:"identity"`
		LastActiveAt string   `json:"lastActiveAt"`
	}{
		ConnectedAt:  c.connectedAt.UTC().Format(iso8601),
		Identity:     identity{SourceIP: c.sourceIP, UserAgent: c.userAgent},
		LastActiveAt: time.UnixMilli(c.lastActive.Load()).UTC().Format(iso8601),
	})
	if err != nil {
		writeError(w, http.StatusInternalServerError, "InternalServerErrorException", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, string(description))
}

// deleteConnection closes the connection; its $disconnect follows when the
// socket is closed.
func (g *Gateway) deleteConnection(c *connection, w http.ResponseWriter, _ *http.Request) {
	if _, first := c.shut(deleted); !first {
		writeGone(w)
		return
	}
	w.Header().Set("X-Amzn-RequestId", newID())
	w.WriteHeader(http.StatusNoContent)
}
