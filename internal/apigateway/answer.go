package apigateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	// maxBody is how much of a body is read, in bytes. API Gateway's errors have
	// some hundred. Nothing is used of a longer body.
	maxBody = 64 << 10
	// maxAnswer bounds all that is read of an answer, in bytes.
	maxAnswer = maxBody + 64<<10
	// maxInterim is how many answers with a status of 1xx may come before the
	// answer.
	maxInterim = 8
)

// errMalformed is returned for an answer that HTTP/1.1 does not allow here.
var errMalformed = errors.New("it is malformed")

// answer is the answer to a request.
type answer struct {
	status    int
	last      bool // no other answer follows over this socket
	errorType string
	requestID string
	date      string
	body      []byte // at most maxBody, and only of an answer that fails
}

// read reads an answer. After it returns nil, the next answer on the socket can
// be read unless last is set.
func (a *answer) read(r *bufio.Reader) error {
	for range maxInterim {
		response, err := http.ReadResponse(r, nil)
		switch {
		case err != nil:
			return err
		case response.StatusCode == http.StatusSwitchingProtocols || response.StatusCode < 100:
			return fmt.Errorf("%w: status %d", errMalformed, response.StatusCode)
		case response.StatusCode >= 200:
			return a.take(response)
		}
	}
	return fmt.Errorf("%w: more than %d interim answers", errMalformed, maxInterim)
}

// take keeps what matters of a response, and reads its body.
func (a *answer) take(response *http.Response) error {
	*a = answer{status: response.StatusCode, last: response.Close, body: a.body[:0]}
	if response.ContentLength == 0 && len(response.TransferEncoding) == 0 && a.status < 300 {
		return nil // the answer to most posts
	}
	h := response.Header
	a.errorType, a.requestID, a.date = h.Get("X-Amzn-Errortype"), h.Get("X-Amzn-Requestid"), h.Get("Date")
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err == nil && len(body) <= maxBody {
		a.body = body
		return nil
	}
	// The status alone is enough to know what failed.
	a.last = true
	if err != nil && len(body) <= maxBody && a.status < 300 {
		return err
	}
	return nil
}
