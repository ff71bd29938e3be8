package apigateway

import (
	"context"
	"net"
	"sync"
	"time"
)

const (
	// maxIdle is how many sockets are kept for later calls. A delivery makes
	// some 100 posts at a time, and each of them would pay for a TLS handshake.
	maxIdle = 256
	// maxIdleTime is how long a socket is kept. API Gateway and the load
	// balancers of AWS close theirs after 60 s.
	maxIdleTime = 50 * time.Second
)

// socket is a connection to the stage's host.
type socket struct {
	conn net.Conn // what requests are written to
	raw  net.Conn // what is beneath it: the same without TLS
	used bool     // it was kept from an earlier call
	idle int64    // since when, in nanoseconds of Unix time
}

// drop closes the socket without TLS's farewell: the other side may be gone
// for long, and nothing is missing.
func (s *socket) drop() { _ = s.raw.Close() }

// sockets keeps the sockets that no call uses.
type sockets struct {
	dial func(context.Context) (*socket, error)

	mu   sync.Mutex
	idle []*socket // those that were used last come last
}

// take returns a socket that belongs to the caller: the one that was used
// last, as it is the least likely to be closed, or a new one. Only a new one
// will do if fresh is true.
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

// pop returns an idle socket, nil without one.
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

// keep takes back a socket that is good for another call.
func (s *sockets) keep(k *socket) {
	// By the wall clock: the other one may have stood still while the function
	// was frozen.
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

// expire closes the n sockets that have been idle the longest.
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
