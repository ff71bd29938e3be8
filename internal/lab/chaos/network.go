package chaos

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// network is the network of one device. Its connections can be cut.
type network struct {
	mu    sync.Mutex
	lines map[*line]bool
}

func newNetwork() *network { return &network{lines: map[*line]bool{}} }

// client returns an HTTP client that uses the network.
func (n *network) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: n.dial, DisableKeepAlives: true}}
}

func (n *network) dial(ctx context.Context, kind, address string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, kind, address)
	if err != nil {
		return nil, err
	}
	l := &line{Conn: conn, network: n}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines[l] = true
	return l, nil
}

// cut breaks every open connection and returns their number. A silent cut drops
// what is sent, without an error, until the client hangs up.
func (n *network) cut(silent bool) int {
	n.mu.Lock()
	var open []*line
	for l := range n.lines {
		if !l.dead.Load() {
			open = append(open, l)
		}
	}
	n.mu.Unlock()
	for _, l := range open {
		l.dead.Store(true)
		if !silent {
			if tcp, ok := l.Conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset, as of a network that breaks
			}
			_ = l.Close()
		}
	}
	return len(open)
}

// line is a connection that can be cut.
type line struct {
	net.Conn
	network *network
	dead    atomic.Bool // swallows what goes through
}

func (l *line) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.dead.Load() {
			return n, err
		}
	}
}

func (l *line) Write(b []byte) (int, error) {
	if l.dead.Load() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

func (l *line) Close() error {
	l.network.mu.Lock()
	delete(l.network.lines, l)
	l.network.mu.Unlock()
	return l.Conn.Close()
}
