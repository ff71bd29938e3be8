package gateway

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// maxInFlight is how many messages of one connection are processed at a time.
// AWS names no number. Here all functions share the machine's CPUs: a client
// that floods must not keep all sandboxes of a function busy, or everybody else's
// messages queue behind it.
const maxInFlight = 4

// A connection is one client's WebSocket, from its handshake to its end.
type connection struct {
	gateway             *Gateway
	id                  string
	connectedAt         time.Time
	sourceIP, userAgent string
	// authorizer holds what $connect's authorizer returned; nil without one.
	authorizer map[string]string

	// lastActive is when the last message was accepted, in either direction,
	// in milliseconds since 1970.
	lastActive atomic.Int64
	// inFlight holds a token for every message being processed.
	inFlight chan struct{}

	outbox
}

// touch notes that a message has passed.
func (c *connection) touch() {
	c.lastActive.Store(time.Now().UnixMilli())
}

// serve reads the socket until the connection has ended, then runs $disconnect.
// early is what the client had sent before the upgrade was written.
func (c *connection) serve(early []byte) {
	ended := c.readMessages(c.reader(early))
	c.close(ended == abnormal)
	c.gateway.cfg.Meter.Disconnected(c.gateway.cfg.APIID, c.id, time.Now())
	c.gateway.observe(Observation{Event: Closed, Connection: c.id})
	if c.gateway.conns.remove(c) {
		c.gateway.disconnect(c, ended)
	}
}

// reader returns the client's byte stream.
func (c *connection) reader(early []byte) *frameReader {
	var r io.Reader = c.socket
	if len(early) > 0 {
		r = io.MultiReader(bytes.NewReader(early), c.socket)
	}
	return newFrameReader(r)
}

// readMessages hands every message on until the connection ends, and returns
// how it ended.
func (c *connection) readMessages(frames *frameReader) ending {
	for {
		op, payload, err := frames.next()
		ended, closing := c.ending()
		switch {
		case closing && err == nil && op == ws.OpClose:
			return ended
		case closing:
			frames.awaitClose()
			return ended
		case err != nil && endingOf(err) == abnormal:
			return abnormal
		case err != nil:
			ended, _ = c.shut(endingOf(err))
			frames.awaitClose()
			return ended
		case op == ws.OpClose:
			ended, _ = c.shut(parseClose(payload))
			return ended
		case op == ws.OpPing:
			// A pong that finds the buffer full is dropped: the client has
			// more to read than a sign of life.
			_ = c.enqueue(ws.MustCompileFrame(ws.NewPongFrame(payload)))
		case op == ws.OpText:
			c.receive(payload)
		}
	}
}

// receive starts the processing of a message. It waits while maxInFlight others
// are being processed, and the client's own socket buffers with it. A message
// that waits when the connection ends is dropped.
func (c *connection) receive(message []byte) {
	c.touch()
	c.gateway.observe(Observation{Event: Received, Connection: c.id, Frame: message})
	select {
	case c.inFlight <- struct{}{}:
	case <-c.over:
		return
	}
	c.gateway.running.Go(func() {
		defer func() { <-c.inFlight }()
		c.gateway.process(c, message)
	})
}

// newConnection returns a connection that is still to be accepted.
func newConnection(g *Gateway, sourceIP, userAgent string) *connection {
	c := &connection{
		gateway: g, id: newID(), connectedAt: time.Now(),
		sourceIP: sourceIP, userAgent: userAgent,
		inFlight: make(chan struct{}, maxInFlight),
		outbox:   outbox{over: make(chan struct{})},
	}
	c.touch()
	return c
}

// open starts a connection on its hijacked socket. The first bytes it sends are
// hello, the answer to the handshake. Whoever has read them can be posted to:
// the connection is known before, and a post waits until they are queued. A
// gateway that has closed meanwhile hangs up.
func (c *connection) open(socket net.Conn, hello, early []byte) {
	c.socket = socket
	c.running = &c.gateway.running
	c.mu.Lock()
	known := c.gateway.conns.add(c)
	if known {
		c.push(hello)
	}
	c.mu.Unlock()
	if !known {
		c.close(true)
		return
	}
	c.gateway.cfg.Meter.Connected(c.gateway.cfg.APIID, c.id, time.Now())
	c.gateway.running.Go(func() { c.serve(early) })
}
