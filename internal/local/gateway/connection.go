package gateway

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gobwas/ws"
)

// maxInFlight is how many messages of a connection are processed concurrently. AWS
// documents no number. All functions share this machine's CPUs, so a flooding
// client must not occupy all sandboxes of a function.
const maxInFlight = 4

// A connection is one client's WebSocket, from its handshake to its end.
type connection struct {
	gateway             *Gateway
	id                  string
	connectedAt         time.Time
	sourceIP, userAgent string
	// authorizer has the values from $connect's authorizer, or nil.
	authorizer map[string]string

	// lastActive is when the last message in either direction was accepted, in Unix
	// milliseconds.
	lastActive atomic.Int64
	// inFlight has a token for each message in progress.
	inFlight chan struct{}

	outbox
}

// touch records a message.
func (c *connection) touch() {
	c.lastActive.Store(time.Now().UnixMilli())
}

// serve reads the socket until the connection has ended, then runs $disconnect.
// early is what the client sent before the upgrade was written.
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

// readMessages processes messages until the connection ends, and returns how it
// ended.
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
			// A pong is dropped if the buffer is full: the client has other data to
			// read.
			_ = c.enqueue(ws.MustCompileFrame(ws.NewPongFrame(payload)))
		case op == ws.OpText:
			c.receive(payload)
		}
	}
}

// receive starts processing a message. It waits while maxInFlight others are in
// progress, so the client's socket buffers fill up. A message that is waiting when
// the connection ends is dropped.
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

// newConnection returns a connection that is not accepted yet.
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

// open starts a connection on its hijacked socket and sends hello, the answer to
// the handshake. A client that has read hello can be posted to: the connection is
// registered before, and posts wait until hello is queued. If the gateway has
// closed meanwhile, open closes the socket.
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
