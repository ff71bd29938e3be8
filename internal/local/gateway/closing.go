package gateway

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// closeTimeout bounds the closing handshake: how long the last frames may take
// to be written, and how long the client may take to answer a close frame.
const closeTimeout = 2 * time.Second

// Status codes that never travel in a frame: RFC 6455 reserves them for what an
// endpoint reports about a close that had none.
const (
	statusNone     ws.StatusCode = 1005
	statusAbnormal ws.StatusCode = 1006
)

// An ending is how a connection ended: its close frame's status code and
// reason, and what $disconnect is told. It is an error when the client broke
// the protocol.
type ending struct {
	code   ws.StatusCode
	reason string
}

// Endings that the gateway decides on.
var (
	goingAway     = ending{ws.StatusGoingAway, "Going away"}
	deleted       = ending{ws.StatusNormalClosure, "Connection Closed Normally"}
	abnormal      = ending{statusAbnormal, "Connection closed abnormally"}
	binaryFrame   = ending{ws.StatusUnsupportedData, "Binary frames are not supported"}
	invalidText   = ending{ws.StatusInvalidFramePayloadData, "Invalid UTF-8"}
	frameTooBig   = ending{ws.StatusMessageTooBig, "Frame over 32 KB"}
	messageTooBig = ending{ws.StatusMessageTooBig, "Message over 128 KB"}
)

func (e ending) Error() string { return e.reason }

// protocolError is the ending of a client that broke RFC 6455.
func protocolError(err error) ending {
	return ending{ws.StatusProtocolError, err.Error()}
}

// endingOf is how a connection ends on which reading failed: by the rule that
// the client broke, or else abnormally.
func endingOf(err error) ending {
	var e ending
	if errors.As(err, &e) {
		return e
	}
	return abnormal
}

// frame encodes the close frame that announces the ending.
func (e ending) frame() []byte {
	if e.code == statusNone {
		return ws.MustCompileFrame(ws.NewCloseFrame(nil))
	}
	return ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(e.code, e.reason)))
}

// parseClose reads the payload of a client's close frame. It returns what the
// client said, or an ending that blames it for a payload that RFC 6455 forbids.
func parseClose(payload []byte) ending {
	switch len(payload) {
	case 0:
		return ending{statusNone, "Client-side close frame status not set"}
	case 1:
		return protocolError(errors.New("close frame with half a status code"))
	}
	e := ending{ws.StatusCode(binary.BigEndian.Uint16(payload)), string(payload[2:])}
	if !utf8.ValidString(e.reason) {
		return invalidText
	}
	if err := ws.CheckCloseFrameData(e.code, e.reason); err != nil {
		return protocolError(err)
	}
	return e
}
