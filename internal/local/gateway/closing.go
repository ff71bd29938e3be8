package gateway

import (
	"encoding/binary"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// closeTimeout limits the closing handshake: the time to write the last frames, and
// the time for the client to answer a close frame.
const closeTimeout = 2 * time.Second

// Status codes that are never sent: RFC 6455 reserves them to report a close
// without a status.
const (
	statusNone     ws.StatusCode = 1005
	statusAbnormal ws.StatusCode = 1006
)

// An ending is how a connection ended: the status code and reason of the close
// frame, for $disconnect. It is an error if the client violated the protocol.
type ending struct {
	code   ws.StatusCode
	reason string
}

// Endings that the gateway chooses.
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

// protocolError returns the ending for a violation of RFC 6455.
func protocolError(err error) ending {
	return ending{ws.StatusProtocolError, err.Error()}
}

// endingOf returns the ending for a failed read: the violated rule, or an abnormal
// end.
func endingOf(err error) ending {
	if e, ok := errors.AsType[ending](err); ok {
		return e
	}
	return abnormal
}

// frame encodes the close frame of the ending.
func (e ending) frame() []byte {
	if e.code == statusNone {
		return ws.MustCompileFrame(ws.NewCloseFrame(nil))
	}
	return ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(e.code, e.reason)))
}

// parseClose parses the payload of a client's close frame. It returns the client's
// status, or an ending for a payload that RFC 6455 forbids.
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
