package apigateway

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// readAhead is the size of the buffer that an answer is read through, and
	// so of the longest line that a head may have.
	readAhead = 4 << 10
	// keptBuffer is how large a buffer may be to be used again. Hardly any
	// frame is larger.
	keptBuffer = 64 << 10
)

// errNoAnswer says that a socket ended before a byte of the answer came.
var errNoAnswer = errors.New("the socket was closed before the answer")

// exchange is a request and its answer, with the memory that they take, which
// is used again for another call.
type exchange struct {
	at   time.Time     // the time of the signature, in UTC
	skew time.Duration // what of it is not this machine's clock
	key  *signingKey

	canonical []byte // the request in the form that is signed
	request   []byte // the request as it is sent
	reader    *bufio.Reader
	answer    answer
}

var exchanges = sync.Pool{New: func() any {
	return &exchange{reader: bufio.NewReaderSize(nil, readAhead)}
}}

// release gives the exchange's memory to other calls.
func (x *exchange) release() {
	if cap(x.request) > keptBuffer || cap(x.answer.body) > keptBuffer {
		return
	}
	x.reader.Reset(nil)
	exchanges.Put(x)
}

// over sends the request over a socket and reads the answer. reusable tells
// that the socket is good for another call.
func (x *exchange) over(conn net.Conn, deadline time.Time) (reusable bool, err error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return false, errors.Join(errNoAnswer, err)
	}
	_, unsent := conn.Write(x.request)
	if errors.Is(unsent, os.ErrDeadlineExceeded) {
		return false, unsent
	}
	// A server that does not want the whole request may answer and close.
	// The answer counts.
	x.reader.Reset(conn)
	if _, err := x.reader.Peek(1); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, err
		}
		return false, fmt.Errorf("%w: %w", errNoAnswer, errors.Join(unsent, err))
	}
	if err := x.answer.read(x.reader); err != nil {
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return unsent == nil && !x.answer.last && x.reader.Buffered() == 0, nil
}
