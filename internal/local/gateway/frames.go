package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// readBuffer is the size of a connection's read buffer: enough for a small
// message to arrive in one system call, little enough to be held by 10,000 idle
// connections. Larger payloads are read past it.
const readBuffer = 512

// A frameReader takes a client's byte stream apart into messages and control
// frames, and enforces what AWS and RFC 6455 ask of them.
type frameReader struct {
	r *bufio.Reader
	// message holds the fragments so far of a message; fragmented is true
	// until its last one has arrived.
	message    []byte
	fragmented bool
	// header is where frame headers are read to.
	header [ws.MaxHeaderSize]byte
	// unread is what of the current frame's payload has not been read, for
	// awaitClose to go on from after an error.
	unread int64
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// next returns the next complete text message (OpText) or control frame. It
// fails with an ending when the client broke a rule, else with the stream's own
// error.
func (f *frameReader) next() (ws.OpCode, []byte, error) {
	for {
		h, err := f.readHeader()
		if err != nil {
			return 0, nil, err
		}
		if h.OpCode.IsControl() {
			payload, err := f.appendPayload(nil, h)
			return h.OpCode, payload, err
		}
		f.message, err = f.appendPayload(f.message, h)
		if err != nil {
			return 0, nil, err
		}
		f.fragmented = !h.Fin
		if f.fragmented {
			continue
		}
		message := f.message
		f.message = nil
		if !utf8.Valid(message) {
			return 0, nil, invalidText
		}
		return ws.OpText, message, nil
	}
}

// readHeader reads the next frame's header and checks it before any of its
// payload is read, so that a client cannot make the gateway take more in than
// the quotas allow.
func (f *frameReader) readHeader() (ws.Header, error) {
	h, err := ws.ReadHeaderBuffer(f.r, f.header[:])
	if errors.Is(err, ws.ErrHeaderLengthMSB) {
		return h, protocolError(err)
	}
	if err != nil {
		return h, err
	}
	f.unread = h.Length
	state := ws.StateServerSide
	if f.fragmented {
		state = state.Set(ws.StateFragmented)
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return h, protocolError(err)
	}
	switch {
	case h.OpCode == ws.OpBinary:
		return h, binaryFrame
	case h.Length > maxFrame:
		return h, frameTooBig
	case !h.OpCode.IsControl() && int64(len(f.message))+h.Length > maxMessage:
		return h, messageTooBig
	}
	return h, nil
}

// appendPayload reads the payload of a frame, unmasks it and appends it to dst.
func (f *frameReader) appendPayload(dst []byte, h ws.Header) ([]byte, error) {
	start := len(dst)
	dst = append(dst, make([]byte, h.Length)...)
	n, err := io.ReadFull(f.r, dst[start:])
	f.unread -= int64(n)
	if err != nil {
		return nil, err
	}
	ws.Cipher(dst[start:], h.Mask, 0)
	return dst, nil
}

// awaitClose drops all that arrives until the client's close frame or the end
// of the stream. Reading on is what lets the client see our close frame: a
// socket closed over unread data is reset.
func (f *frameReader) awaitClose() {
	for {
		if _, err := io.CopyN(io.Discard, f.r, f.unread); err != nil {
			return
		}
		h, err := ws.ReadHeaderBuffer(f.r, f.header[:])
		if err != nil || h.OpCode == ws.OpClose {
			return
		}
		f.unread = h.Length
	}
}

// encodeMessage returns text as one message in frames of at most maxFrame bytes.
// What is not UTF-8 is replaced, since a client has to fail the connection on it.
func encodeMessage(text []byte) []byte {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	var b bytes.Buffer
	b.Grow(len(text) + ws.MaxHeaderSize*(1+len(text)/maxFrame))
	op := ws.OpText
	for {
		n := min(len(text), maxFrame)
		last := n == len(text)
		ws.MustWriteFrame(&b, ws.NewFrame(op, last, text[:n]))
		if last {
			return b.Bytes()
		}
		text, op = text[n:], ws.OpContinuation
	}
}
