package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// iso8601 is the @connections API's time format, in UTC.
const iso8601 = "2006-01-02T15:04:05.000Z"

// maxPayload is the maximum body that is read: API Gateway's quota for HTTP
// requests. A body over maxMessage is read too, because its signature must be
// checked.
const maxPayload = 10 << 20

// A command is an @connections request.
type command struct {
	operation string // its name in the AWS SDKs
	id        string // of the connection
	body      []byte
	caller    string // the calling function, "" for other callers
}

// operations has the operations of the @connections API by their methods.
var operations = map[string]string{
	http.MethodPost:   "PostToConnection",
	http.MethodGet:    "GetConnection",
	http.MethodDelete: "DeleteConnection",
}

// serveCommand answers an @connections request for a connection ID. As on AWS,
// callers without the permission learn nothing about the connection.
func (g *Gateway) serveCommand(w http.ResponseWriter, r *http.Request, id string) {
	cmd := command{operation: operations[r.Method], id: id}
	if cmd.operation == "" {
		writeNoRoute(w, r)
		return
	}
	var err error
	if cmd.body, err = readBody(r); err != nil {
		writeError(w, http.StatusBadRequest, "BadRequestException", "the body cannot be read")
		return
	}
	if len(cmd.body) > maxPayload {
		payloadTooLarge.write(w)
		return
	}
	var denied *Denial
	if cmd.caller, denied = g.authorize(r, cmd.body, ActionManageConnections, r.Method+"/@connections/"+id); denied != nil {
		writeError(w, denied.Status, denied.Type, denied.Message)
		return
	}
	if !allow(g.cfg.Account) {
		tooManyRequests.write(w)
		return
	}
	fault := g.cfg.Faults.At(faults.Point{
		Service: service, Operation: cmd.operation, Function: cmd.caller, Resource: id,
	})
	if fault == (faults.Fault{}) {
		result := g.run(cmd)
		g.observeCommand(r, cmd, result.status, result.status)
		result.write(w)
		return
	}
	g.runFaulty(cmd, fault, w, r)
}

func (g *Gateway) observeCommand(r *http.Request, cmd command, result, answer int) {
	if r.Context().Err() != nil {
		answer = 0 // the caller has disconnected
	}
	g.observe(Observation{
		Event: Commanded, Connection: cmd.id, Frame: cmd.body, Operation: cmd.operation, Caller: cmd.caller,
		Result: result, Answer: answer,
	})
}

// readBody reads a request's body, and at most one byte more than allowed.
func readBody(r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(min(r.ContentLength, maxMessage)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(r.Body, maxPayload+1))
	return b.Bytes(), err
}

// run runs a command.
func (g *Gateway) run(cmd command) answer {
	if !isID(cmd.id) {
		return answer{http.StatusBadRequest, "BadRequestException", message("Invalid connectionId: " + cmd.id)}
	}
	c := g.conns.get(cmd.id)
	if c == nil {
		return gone
	}
	switch cmd.operation {
	case "PostToConnection":
		return g.postToConnection(c, cmd)
	case "GetConnection":
		return getConnection(c)
	default:
		return deleteConnection(c)
	}
}

// postToConnection sends the body to the client as a text message. 200 means that
// the message was queued, not that the client has it.
func (g *Gateway) postToConnection(c *connection, cmd command) answer {
	if len(cmd.body) > maxMessage {
		return payloadTooLarge
	}
	switch err := c.send(cmd.body); {
	case errors.Is(err, errGone):
		return gone
	case errors.Is(err, errBufferFull):
		return clientBufferFull
	}
	c.touch()
	g.cfg.Meter.Message(g.cfg.APIID, cmd.caller, false, len(cmd.body))
	return answer{status: http.StatusOK}
}

// getConnection describes the connection.
func getConnection(c *connection) answer {
	if _, closing := c.ending(); closing {
		return gone
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
		return answer{http.StatusInternalServerError, "InternalServerErrorException", message(err.Error())}
	}
	return answer{status: http.StatusOK, body: string(description)}
}

// deleteConnection closes the connection. Its $disconnect runs after the socket is
// closed.
func deleteConnection(c *connection) answer {
	if _, first := c.shut(deleted); !first {
		return gone
	}
	return answer{status: http.StatusNoContent}
}
