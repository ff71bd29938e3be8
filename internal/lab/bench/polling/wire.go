package polling

import (
	"context"
	"net"
	"sync/atomic"
)

// wire counts the bytes that clients write to and read from their sockets:
// everything above TCP, with HTTP's headers and WebSocket's framing. No TLS is
// among it here.
type wire struct {
	up, down atomic.Int64
}

// Bytes are the bytes on a wire.
type Bytes struct {
	// Up went to the server, Down came from it.
	Up   int64 `json:"up"`
	Down int64 `json:"down"`
}

func (w *wire) bytes() Bytes { return Bytes{Up: w.up.Load(), Down: w.down.Load()} }

// since returns the bytes after an earlier moment.
func (b Bytes) since(before Bytes) Bytes {
	return Bytes{Up: b.Up - before.Up, Down: b.Down - before.Down}
}

// Sum returns the bytes both ways.
func (b Bytes) Sum() int64 { return b.Up + b.Down }

// dial connects a socket whose bytes are counted.
func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &countedConn{Conn: conn, wire: w}, nil
}

// countedConn is a socket of a wire.
type countedConn struct {
	net.Conn
	wire *wire
}

// Read implements [net.Conn].
func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.wire.down.Add(int64(n))
	return n, err
}

// Write implements [net.Conn].
func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.wire.up.Add(int64(n))
	return n, err
}
