package gateway

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// readBuffer is the size of a connection's read buffer. A small message arrives in
// one system call, and 10,000 idle connections stay cheap. Larger payloads bypass
// it.
const readBuffer = 512

// A frameReader splits a client's byte stream into messages and control frames, and
// enforces the rules of AWS and RFC 6455.
type frameReader struct {
	r *bufio.Reader
	// message has the fragments received so far. fragmented is true until the last
	// one has arrived.
	message    []byte
	fragmented bool
	// header is the buffer for frame headers.
	header [ws.MaxHeaderSize]byte
	// unread is how much of the current frame's payload is still to be read.
	// awaitClose continues there after an error.
	unread int64
}

func newFrameReader(r io.Reader) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer)}
}

// next returns the next complete text message (OpText) or control frame. It fails
// with an ending if the client broke a rule, else with the stream's error.
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

// readHeader reads and checks the next frame's header before any payload, so that a
// client cannot make the gateway read more than the quotas allow.
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

// appendPayload reads a frame's payload, unmasks it and appends it to dst.
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

// awaitClose discards everything until the client's close frame or the end of the
// stream. Without reading on, closing the socket would reset it, and the client
// would not see our close frame.
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

// encodeMessage returns text as one message in frames of at most maxFrame bytes. It
// replaces invalid UTF-8, on which a client must fail the connection.
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
