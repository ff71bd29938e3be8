package fanout

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"time"
)

// floor is one worker of the floor: a socket, and a request that is complete
// but for the number of the member.
type floor struct {
	conn    net.Conn
	answers *bufio.Reader
	request []byte
	number  []byte // where in the request the number goes
}

// newFloor returns a client that does nothing but write and read. Its requests
// are as long as signed ones; a signature of a past request is in each, which
// nobody checks.
func newFloor(q postsQuestion, payload []byte) post {
	workers := make([]*floor, q.Concurrency)
	return func(ctx context.Context, worker, member int) error {
		if workers[worker] == nil {
			made, err := dialFloor(ctx, q, payload)
			if err != nil {
				return err
			}
			workers[worker] = made
		}
		return workers[worker].post(member)
	}
}

func dialFloor(ctx context.Context, q postsQuestion, payload []byte) (*floor, error) {
	u, err := url.Parse(q.URL)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", q.Address)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s/%%40connections/%s%0*d%%3D HTTP/1.1\r\nHost: %s\r\n", u.Path, idPrefix, idDigits, 0, q.Address)
	at := bytes.Index(b.Bytes(), []byte(idPrefix)) + len(idPrefix)
	fmt.Fprintf(&b, "Content-Length: %d\r\nContent-Type: application/octet-stream\r\nX-Amz-Date: 20261101T000000Z\r\n"+
		"X-Amz-Security-Token: %0384d\r\nAuthorization: AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEEXAMPLE00/20261101/us-east-1/execute-api/aws4_request, "+
		"SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token, Signature=%064d\r\n\r\n", len(payload), 0, 0)
	b.Write(payload)
	request := b.Bytes()
	return &floor{conn: conn, answers: bufio.NewReaderSize(conn, 1<<10), request: request, number: request[at : at+idDigits]}, nil
}

// post writes a request and reads the answer, which has no body.
func (f *floor) post(member int) error {
	for i := len(f.number) - 1; i >= 0; i-- {
		f.number[i] = '0' + byte(member%10)
		member /= 10
	}
	if err := f.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := f.conn.Write(f.request); err != nil {
		return err
	}
	status, err := f.answers.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("the answer is %q", status)
	}
	for {
		line, err := f.answers.ReadSlice('\n')
		if err != nil || len(line) <= len("\r\n") {
			return err
		}
	}
}
