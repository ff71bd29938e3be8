package fanout

import (
	"bytes"
	"errors"
)

// maxRequest is the most bytes that a request may have: a message of 128 KB,
// and its headers.
const maxRequest = 160 << 10

var errBadRequest = errors.New("fanout: not a request as a poster makes it")

var (
	headersEnd    = []byte("\r\n\r\n")
	contentLength = []byte("content-length:")
)

// request is what the counting server needs to know of one.
type request struct {
	// target is the path that it asks for.
	target []byte
	// body and size are how many bytes the body has, and all of it.
	body, size int
}

// scan finds the request at the beginning of what was read. It returns false
// when not all of it is there yet.
func scan(data []byte) (request, bool, error) {
	end := bytes.Index(data, headersEnd)
	if end < 0 {
		if len(data) > maxRequest {
			return request{}, false, errBadRequest
		}
		return request{}, false, nil
	}
	line, rest, _ := bytes.Cut(data[:end+2], []byte("\r\n"))
	_, target, ok := bytes.Cut(line, []byte(" "))
	if !ok {
		return request{}, false, errBadRequest
	}
	target, _, ok = bytes.Cut(target, []byte(" HTTP/1.1"))
	if !ok {
		return request{}, false, errBadRequest
	}
	body, err := length(rest)
	if err != nil {
		return request{}, false, err
	}
	r := request{target: target, body: body, size: end + len(headersEnd) + body}
	return r, len(data) >= r.size, nil
}

// length reads the Content-Length among header lines; without one it is 0.
func length(lines []byte) (int, error) {
	for len(lines) > 0 {
		var line []byte
		line, lines, _ = bytes.Cut(lines, []byte("\r\n"))
		if len(line) < len(contentLength) || !bytes.EqualFold(line[:len(contentLength)], contentLength) {
			continue
		}
		n := 0
		for _, c := range bytes.TrimSpace(line[len(contentLength):]) {
			if c < '0' || c > '9' || n > maxRequest {
				return 0, errBadRequest
			}
			n = n*10 + int(c-'0')
		}
		return n, nil
	}
	return 0, nil
}
