package fanout

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// server is the counting server. It stands in front of a gateway: what is for
// a connection that it does not stand in for goes there.
type server struct {
	listener net.Listener
	tally    *tally
	answers  *answers
	// gateway is the host and port where everything else goes, "" for nowhere.
	gateway atomic.Pointer[string]

	mu    sync.Mutex
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

// newServer returns a running server on the loopback, that answers each post
// after a time.
func newServer(latency time.Duration) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("fanout: %w", err)
	}
	t := newTally()
	s := &server{listener: listener, tally: t, answers: newAnswers(latency, t), conns: map[net.Conn]bool{}}
	s.wg.Go(s.accept)
	s.wg.Go(s.answers.run)
	return s, nil
}

func (s *server) address() string { return s.listener.Addr().String() }

func (s *server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			s.serve(conn)
			_ = conn.Close() // of no interest any more
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		})
	}
}

// serve reads the requests of one connection. It does not wait for an answer
// before it reads on; a poster does.
func (s *server) serve(conn net.Conn) {
	buffer, filled := make([]byte, 2<<10), 0
	var onward *gatewayConn
	defer func() { onward.close() }()
	for {
		r, whole, err := scan(buffer[:filled])
		if err != nil {
			return
		}
		if !whole {
			if filled == len(buffer) {
				buffer = slices.Concat(buffer, make([]byte, len(buffer)))
			}
			n, err := conn.Read(buffer[filled:])
			if err != nil {
				return
			}
			filled += n
			continue
		}
		if member, ok := numberInPath(r.target); ok {
			s.tally.come()
			s.answers.put(conn, member, r.body)
		} else {
			if onward == nil {
				if onward, err = s.dialGateway(); err != nil {
					return
				}
			}
			if err := onward.exchange(buffer[:r.size], conn); err != nil {
				return
			}
		}
		filled = copy(buffer, buffer[r.size:filled])
	}
}

// close ends the server and every connection.
func (s *server) close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close() // of no interest any more
	}
	s.mu.Unlock()
	s.answers.close()
	s.wg.Wait()
	return err
}

// gatewayConn is a connection to the gateway behind the server.
type gatewayConn struct {
	conn    net.Conn
	answers *bufio.Reader
}

func (s *server) dialGateway() (*gatewayConn, error) {
	address := s.gateway.Load()
	if address == nil {
		return nil, errors.New("fanout: there is no gateway behind the counting server")
	}
	conn, err := net.DialTimeout("tcp", *address, timeout)
	if err != nil {
		return nil, err
	}
	return &gatewayConn{conn: conn, answers: bufio.NewReader(conn)}, nil
}

// exchange hands a request on as it is, signature and all, and its answer back.
func (g *gatewayConn) exchange(request []byte, back net.Conn) error {
	if err := g.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := g.conn.Write(request); err != nil {
		return err
	}
	response, err := http.ReadResponse(g.answers, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var whole bytes.Buffer
	if err := response.Write(&whole); err != nil {
		return err
	}
	_, err = back.Write(whole.Bytes())
	return err
}

func (g *gatewayConn) close() {
	if g != nil {
		_ = g.conn.Close() // of no interest any more
	}
}
