package apigateway

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	// maxBody is how much of a body is read, in bytes. What API Gateway says
	// to a post has no more than some hundred. Of a longer one nothing is
	// used, and the socket is dropped.
	maxBody = 64 << 10
	// maxTrailers is how many lines may follow a body in chunks.
	maxTrailers = 16

	unknownLength = -1
)

// framing says where a body ends: with its last chunk, after a length, or
// else with the socket.
type framing struct {
	length  int // in bytes; unknownLength; more than maxBody: too many
	chunked bool
}

// setLength reads Content-Length.
func (f *framing) setLength(value []byte) error {
	n, err := parseSize(value, 10)
	if err != nil {
		return err
	}
	if f.length != unknownLength && f.length != n {
		return malformed("two lengths")
	}
	f.length = n
	return nil
}

// setEncoding reads Transfer-Encoding.
func (f *framing) setEncoding(value []byte) error {
	if f.chunked || !is(value, "chunked") {
		return malformed("a transfer encoding other than chunked")
	}
	f.chunked = true
	return nil
}

// parseSize reads a number of bytes. All that are more than maxBody are alike.
func parseSize(digits []byte, base int) (int, error) {
	n := 0
	for _, c := range digits {
		digit := base
		switch {
		case '0' <= c && c <= '9':
			digit = int(c - '0')
		case 'a' <= c && c <= 'f':
			digit = int(c-'a') + 10
		case 'A' <= c && c <= 'F':
			digit = int(c-'A') + 10
		}
		if digit >= base {
			return 0, malformed("a size that is no number")
		}
		n = min(base*n+digit, maxBody+1)
	}
	if len(digits) == 0 {
		return 0, malformed("a size without digits")
	}
	return n, nil
}

// readBody reads the body that a head announced. When a body is not to be
// had, an answer that fails is as good without: its status says it.
func (a *answer) readBody(r *bufio.Reader) error {
	err := a.readFramed(r)
	if err == nil {
		return nil
	}
	a.last, a.body = true, a.body[:0]
	if errors.Is(err, errTooLong) || a.status >= 300 {
		return nil
	}
	return err
}

// errTooLong says that a body has more than maxBody bytes.
var errTooLong = errors.New("the body is too long")

func (a *answer) readFramed(r *bufio.Reader) error {
	switch {
	case a.status == 204 || a.status == 304:
		return nil
	case a.chunked && a.length != unknownLength:
		// Two ends: somebody on the way may have believed the other one.
		return malformed("a length, and chunks")
	case a.chunked:
		return a.readChunks(r)
	case a.length != unknownLength:
		return a.readBytes(r, a.length)
	}
	a.last = true
	for {
		if err := a.readBytes(r, 1); errors.Is(err, io.ErrUnexpectedEOF) {
			return nil // that was all
		} else if err != nil {
			return err
		}
		if err := a.readBytes(r, r.Buffered()); err != nil {
			return err
		}
	}
}

// readChunks reads a body in chunks and the trailers after it.
func (a *answer) readChunks(r *bufio.Reader) error {
	for {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		digits, _, _ := bytes.Cut(line, []byte(";"))
		n, err := parseSize(bytes.TrimRight(digits, " \t"), 16)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if err := a.readBytes(r, n); err != nil {
			return err
		}
		if end, err := readLine(r); err != nil {
			return err
		} else if len(end) > 0 {
			return malformed("a chunk is longer than it says")
		}
	}
	for range maxTrailers {
		if line, err := readLine(r); err != nil || len(line) == 0 {
			return err
		}
	}
	return malformed("too many trailers")
}

// readBytes appends n bytes to the body.
func (a *answer) readBytes(r *bufio.Reader, n int) error {
	have := len(a.body)
	if n > maxBody-have {
		return errTooLong
	}
	a.body = slices.Grow(a.body, n)[:have+n]
	_, err := io.ReadFull(r, a.body[have:])
	if err != nil {
		a.body = a.body[:have]
		return incomplete(err)
	}
	return nil
}

// incomplete says that an answer ended before its end.
func incomplete(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("it is incomplete: %w", err)
}
