package apigateway

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// What an answer may have, beside which it is not believed to be one.
const (
	maxHeaders = 256 // lines of a head
	maxInterim = 8   // heads with a status of 1xx before the answer
)

// errMalformed is that an answer is not one of HTTP/1.
var errMalformed = errors.New("it is malformed")

func malformed(what string) error { return fmt.Errorf("%w: %s", errMalformed, what) }

// answer is what came back.
type answer struct {
	status    int
	last      bool // no other answer follows over this socket
	errorType string
	requestID string
	date      string
	body      []byte // at most maxBody, and of an answer that fails else
	framing
}

// read reads an answer. When it returns nil, the answer is complete or the
// socket is of no further use (last).
func (a *answer) read(r *bufio.Reader) error {
	for range maxInterim {
		if err := a.readHead(r); err != nil {
			return err
		}
		if a.status >= 200 {
			return a.readBody(r)
		}
		if a.status == 101 {
			return malformed("it changes the protocol")
		}
	}
	return malformed("too many interim answers")
}

// readHead reads a status line and its headers.
func (a *answer) readHead(r *bufio.Reader) error {
	*a = answer{body: a.body[:0], framing: framing{length: unknownLength}}
	line, err := readLine(r)
	if err != nil {
		return err
	}
	if err := a.parseStatus(line); err != nil {
		return err
	}
	for range maxHeaders {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			return nil
		}
		if err := a.parseHeader(line); err != nil {
			return err
		}
	}
	return malformed("too many headers")
}

// parseStatus reads a line such as "HTTP/1.1 200 OK".
func (a *answer) parseStatus(line []byte) error {
	const prefix = "HTTP/1.x 200"
	if len(line) < len(prefix) || string(line[:7]) != "HTTP/1." || line[8] != ' ' ||
		len(line) > len(prefix) && line[len(prefix)] != ' ' {
		return malformed("no status line of HTTP/1")
	}
	switch line[7] {
	case '0':
		a.last = true
	case '1':
	default:
		return malformed("no status line of HTTP/1")
	}
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return malformed("the status is no number")
		}
		a.status = 10*a.status + int(c-'0')
	}
	if a.status < 100 {
		return malformed("the status is no number of three digits")
	}
	return nil
}

// parseHeader reads a line of the head and notes what is of use.
func (a *answer) parseHeader(line []byte) error {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || bytes.ContainsAny(line[:colon], " \t") {
		return malformed("a header without a name")
	}
	name, value := line[:colon], bytes.Trim(line[colon+1:], " \t")
	switch {
	case is(name, "content-length"):
		return a.setLength(value)
	case is(name, "transfer-encoding"):
		return a.setEncoding(value)
	case is(name, "connection"):
		for token := range bytes.SplitSeq(value, []byte(",")) {
			a.last = a.last || is(bytes.Trim(token, " \t"), "close")
		}
	case a.status < 300: // nobody asks for the rest
	case is(name, "x-amzn-errortype"):
		a.errorType = string(value)
	case is(name, "x-amzn-requestid"):
		a.requestID = string(value)
	case is(name, "date"):
		a.date = string(value)
	}
	return nil
}

// is tells whether a name is one that is given in lower case.
func is(name []byte, lower string) bool {
	return len(name) == len(lower) && strings.EqualFold(string(name), lower)
}

// readLine returns a line without its end. It is good until the next read.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, malformed("a line is too long")
	case err != nil:
		return nil, incomplete(err)
	}
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, nil
}
