package apigateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

const (
	// readAhead is the size of the buffer that an answer is read through.
	readAhead = 4 << 10
	// keptBuffer is the largest buffer that is reused. Few frames are larger.
	keptBuffer = 64 << 10
)

// errNoAnswer is returned if a socket ends before the first byte of the answer.
var errNoAnswer = errors.New("the socket was closed before the answer")

// exchange is a request and its answer. Its memory is reused by other calls.
type exchange struct {
	at   time.Time     // the time of the signature, in UTC
	skew time.Duration // the part of at that corrects this machine's clock
	key  *signingKey

	canonical []byte // the canonical request, which is signed
	request   []byte // the request as it is sent
	source    source
	reader    *bufio.Reader // of source
	answer    answer
}

// source reads one answer from a socket.
type source struct {
	conn net.Conn
	left int   // bytes that may still be read
	err  error // why the socket ended, nil if it did not
}

func (s *source) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.conn.Read(b[:min(len(b), s.left)])
	s.left -= n
	s.err = err
	return n, err
}

var exchanges = sync.Pool{New: func() any {
	return &exchange{reader: bufio.NewReaderSize(nil, readAhead)}
}}

// release returns the exchange's memory to the pool.
func (x *exchange) release() {
	if cap(x.request) > keptBuffer || cap(x.answer.body) > keptBuffer {
		return
	}
	x.source = source{}
	x.reader.Reset(nil)
	exchanges.Put(x)
}

// over sends the request over a socket and reads the answer. reusable reports
// whether another call can use the socket.
func (x *exchange) over(conn net.Conn, deadline time.Time) (reusable bool, err error) {
	if err := conn.SetDeadline(deadline); err != nil {
		return false, errors.Join(errNoAnswer, err)
	}
	_, unsent := conn.Write(x.request)
	if errors.Is(unsent, os.ErrDeadlineExceeded) {
		return false, unsent
	}
	// A server may answer and close before it has read the whole request. The
	// answer counts.
	x.source = source{conn: conn, left: maxAnswer}
	x.reader.Reset(&x.source)
	if _, err := x.reader.Peek(1); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return false, err
		}
		return false, fmt.Errorf("%w: %w", errNoAnswer, errors.Join(unsent, err))
	}
	if err := x.answer.read(x.reader); err != nil {
		if x.source.err != nil { // net/http calls half a line malformed
			err = fmt.Errorf("it is incomplete: %w", x.source.err)
		}
		return false, fmt.Errorf("read the answer: %w", err)
	}
	return unsent == nil && !x.answer.last && x.reader.Buffered() == 0, nil
}
