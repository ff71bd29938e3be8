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
	// closeWait is how long a connection that is closed may take to say so.
	closeWait = time.Second
	// closeRead is how long a write that failed waits for the close frame that
	// says why.
	closeFrameWait = 100 * time.Millisecond
)

// connection is one socket, and what the server was asked for on it. It has a
// goroutine that reads and one that writes. All its fields but out are the
// client's, under its lock.
type connection struct {
	socket *websocket.Conn
	ctx    context.Context // ends with the connection
	cancel context.CancelFunc
	out    outbound

	opened time.Time
	gone   bool
	// joined are the rooms that the server counts this connection a member of.
	joined map[string]bool
	// ops are the joins, leaves and pages under way, one for a room: API Gateway
	// may run two frames of a connection at the same time.
	roomOps map[string]*request
	// left says when a room was left.
	leftAt map[string]time.Time

	heartbeat *timer
	rollover  *timer
	pings     int    // without an answer
	livenessTimer     *timer // ends the connection, unless there is a sign of life
	unresponsive    bool   // it ended because there was none
	token     tokenState
	unread    chan struct{} // closed when nothing more can be read
}

// outbound holds the frames that wait to be written. It is as long as there are
// requests; one that is not written in time ends the connection.
type outbound struct {
	mu     sync.Mutex
	frames []outFrame
	bytes  int // that are not written yet, also of frames that were taken
	wake   chan struct{}
}

// outFrame is one of them.
type outFrame struct {
	data []byte
	// until is when it is too late to write it, by the wall clock; zero is
	// never. The machine may have slept since the frame was given.
	until time.Time
}

// open starts to read and to write. The token of the handshake ends at a time,
// zero where that is not known. With c.mu held.
func (c *Client) open(socket *websocket.Conn, tokenEnds time.Time) *connection {
	socket.SetReadLimit(readLimit)
	conn := &connection{
		socket: socket,
		out:    outbound{wake: make(chan struct{}, 1)},
		opened: time.Now(),
		joined: map[string]bool{},
		roomOps:    map[string]*request{},
		leftAt:   map[string]time.Time{},
		unread: make(chan struct{}),
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

// writeFrame writes a frame, unless it is too late for it: the request sees
// that when no answer comes.
func (c *Client) writeFrame(conn *connection, frame outFrame) error {
	if !frame.until.IsZero() && c.opts.now().After(frame.until) {
		return nil
	}
	ctx, cancel := context.WithTimeout(conn.ctx, c.opts.ReplyTimeout)
	defer cancel()
	stalled := time.AfterFunc(c.opts.ProbeTimeout, func() {
		c.lock(func() { c.verifyAlive(conn) })
	})
	defer stalled.Stop()
	return conn.socket.Write(ctx, websocket.MessageText, frame.data)
}

// send has a frame written, if that can be until a time; zero is any. It does
// not wait.
func (conn *connection) send(frame []byte, until time.Time) {
	conn.out.mu.Lock()
	defer conn.out.mu.Unlock()
	conn.out.frames = append(conn.out.frames, outFrame{frame, until})
	conn.out.bytes += len(frame)
	select {
	case conn.out.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (o *outbound) take() []outFrame {
	o.mu.Lock()
	defer o.mu.Unlock()
	frames := o.frames
	o.frames = nil
	return frames
}

// done takes in that a frame waits no more.
func (o *outbound) done(frame outFrame) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bytes -= len(frame.data)
}

// backlog returns how many bytes wait to be written.
func (o *outbound) backlog() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// end closes a connection: politely, or, when it is broken, at once. It does
// not wait. With c.mu held.
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
