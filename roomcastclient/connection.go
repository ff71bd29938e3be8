package roomcastclient

import (
	"context"
	"sync"
	"time"

	"github.com/coder/websocket"
)

const (
	// readLimit is above the 128 KB that API Gateway lets a server post.
	readLimit = 256 << 10
	// closeWait is how long a closing handshake may take.
	closeWait = time.Second
	// closeFrameWait is how long a failed write waits for the close frame that
	// says why.
	closeFrameWait = 100 * time.Millisecond
)

// connection is one socket and the requests on it. One goroutine reads it, another
// writes it. The client's lock guards all fields but out.
type connection struct {
	socket *websocket.Conn
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	out    outbound

	opened time.Time
	gone   bool
	// joined are the rooms of which the server counts this connection a member.
	joined map[string]bool
	// roomOps are the joins, leaves and pages under way, one for each room: API
	// Gateway may process two frames of a connection at the same time.
	roomOps map[string]*request
	// leftAt is when each room was left.
	leftAt map[string]time.Time

	heartbeat     *timer
	rollover      *timer
	pings         int    // without a reply
	livenessTimer *timer // ends the connection unless something arrives
	unresponsive  bool   // livenessTimer has ended it
	token         tokenState
	unread        chan struct{} // closed when nothing more is read
}

// outbound is the queue of frames to be written. Its length is bounded by the
// number of requests. A frame that is not written in time ends the connection.
type outbound struct {
	mu     sync.Mutex
	frames []outFrame
	bytes  int // not written yet, of frames that were taken too
	wake   chan struct{}
}

// outFrame is a frame to be written.
type outFrame struct {
	data []byte
	// until is when it is too late to write the frame, by the wall clock because
	// the machine may sleep in between. Zero means never.
	until time.Time
}

// open starts to read and write a socket. tokenEnds is when the token of the
// handshake expires, zero if that is not known. The caller holds c.mu.
func (c *Client) open(socket *websocket.Conn, tokenEnds time.Time) *connection {
	socket.SetReadLimit(readLimit)
	conn := &connection{
		socket:  socket,
		out:     outbound{wake: make(chan struct{}, 1)},
		opened:  time.Now(),
		joined:  map[string]bool{},
		roomOps: map[string]*request{},
		leftAt:  map[string]time.Time{},
		unread:  make(chan struct{}),
	}
	conn.ctx, conn.cancel = context.WithCancel(context.Background())
	c.conns[conn] = struct{}{}
	c.planRefresh(conn, tokenEnds)
	c.work.Go(func() { c.read(conn) })
	c.work.Go(func() { c.write(conn) })
	return conn
}

func (c *Client) read(conn *connection) {
	defer close(conn.unread)
	for {
		kind, data, err := conn.socket.Read(conn.ctx)
		if err != nil {
			c.lock(func() { c.connectionLost(conn, err) })
			return
		}
		if kind == websocket.MessageText {
			c.lock(func() { c.receiveFrame(conn, data) })
		}
	}
}

func (c *Client) write(conn *connection) {
	for {
		select {
		case <-conn.ctx.Done():
			return
		case <-conn.out.wake:
		}
		for _, frame := range conn.out.take() {
			if err := c.writeFrame(conn, frame); err != nil {
				select {
				case <-conn.unread:
				case <-time.After(closeFrameWait):
				}
				c.lock(func() { c.connectionLost(conn, err) })
				return
			}
			conn.out.done(frame)
		}
	}
}

// writeFrame writes a frame, unless its time has passed: its request notices that
// there is no reply.
func (c *Client) writeFrame(conn *connection, frame outFrame) error {
	if !frame.until.IsZero() && c.opts.now().After(frame.until) {
		return nil
	}
	ctx, cancel := context.WithTimeout(conn.ctx, c.opts.RequestTimeout)
	defer cancel()
	stalled := time.AfterFunc(c.opts.ProbeTimeout, func() {
		c.lock(func() { c.verifyAlive(conn) })
	})
	defer stalled.Stop()
	return conn.socket.Write(ctx, websocket.MessageText, frame.data)
}

// send queues a frame that is to be written before a time, or at any time if it is
// zero. It does not wait.
func (conn *connection) send(frame []byte, until time.Time) {
	conn.out.mu.Lock()
	defer conn.out.mu.Unlock()
	conn.out.frames = append(conn.out.frames, outFrame{frame, until})
	conn.out.bytes += len(frame)
	select {
	case conn.out.wake <- struct{}{}:
	default: // the writer is awake
	}
}

func (o *outbound) take() []outFrame {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames := o.frames
	o.frames = nil
	return frames
}

// done notes that a frame was written.
func (o *outbound) done(frame outFrame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes -= len(frame.data)
}

// backlog returns the number of bytes that wait to be written.
func (o *outbound) backlog() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// end closes a connection, politely with a close frame, or at once if it is
// broken. It does not wait. The caller holds c.mu.
func (c *Client) end(conn *connection, politely bool) {
	conn.gone = true
	conn.heartbeat.stop()
	conn.livenessTimer.stop()
	conn.rollover.stop()
	conn.token.next.stop()
	delete(c.conns, conn)
	c.work.Go(func() {
		if politely {
			stop := time.AfterFunc(closeWait, conn.cancel)
			_ = conn.socket.Close(websocket.StatusNormalClosure, "")
			stop.Stop()
		}
		conn.cancel()
		_ = conn.socket.CloseNow()
	})
}
