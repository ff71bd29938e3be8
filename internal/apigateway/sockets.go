package apigateway

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// maxIdle is how many sockets are kept for later calls. A delivery makes about
	// 100 posts at a time, and each would otherwise need a TLS handshake.
	maxIdle = 256
	// maxIdleTime is how long an idle socket is kept. API Gateway and AWS's load
	// balancers close theirs after 60 s.
	maxIdleTime = 50 * time.Second
)

// socket is a connection to the stage's host.
type socket struct {
	conn net.Conn // with TLS, if the stage has it
	raw  net.Conn // the TCP connection beneath conn
	used bool     // kept from an earlier call
	idle int64    // when it became idle, in Unix nanoseconds
}

// drop closes the socket without a TLS close notification. The other side may be
// gone already, and no data can be missing.
func (s *socket) drop() { _ = s.raw.Close() }

// sockets is the pool of idle sockets.
type sockets struct {
	dial func(context.Context) (*socket, error)

	mu   sync.Mutex
	idle []*socket // in the order of their last use
}

// take returns a socket for the caller alone: the one used last, which is the least
// likely to be closed, or a new one. If fresh is true, it is always a new one.
func (s *sockets) take(ctx context.Context, deadline time.Time, fresh bool) (*socket, error) {
	if !fresh {
		if kept := s.pop(); kept != nil {
			return kept, nil
		}
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return s.dial(ctx)
}

// pop returns an idle socket, or nil.
func (s *sockets) pop() *socket {
	since := time.Now().UnixNano() - int64(maxIdleTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return nil
	}
	if s.idle[last].idle < since { // and so all of them
		s.expire(len(s.idle))
		return nil
	}
	kept := s.idle[last]
	s.idle[last] = nil
	s.idle = s.idle[:last]
	return kept
}

// keep returns a socket to the pool.
func (s *sockets) keep(k *socket) {
	// Wall clock time: the monotonic clock may stand still while Lambda freezes the
	// function.
	k.used, k.idle = true, time.Now().UnixNano()
	since := k.idle - int64(maxIdleTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	old := 0
	for old < len(s.idle) && s.idle[old].idle < since {
		old++
	}
	s.expire(old)
	if len(s.idle) >= maxIdle {
		k.drop()
		return
	}
	s.idle = append(s.idle, k)
}

// expire closes the n sockets that were idle longest.
func (s *sockets) expire(n int) {
	if n == 0 {
		return
	}
	for _, k := range s.idle[:n] {
		k.drop()
	}
	kept := copy(s.idle, s.idle[n:])
	clear(s.idle[kept:])
	s.idle = s.idle[:kept]
}
