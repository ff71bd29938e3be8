package gateway

import (
	"errors"
	"net"
	"sync"
	"time"
)

// writeBuffer is how many bytes may wait for a client that reads too slowly,
// beyond what the operating system buffers.
const writeBuffer = 512 << 10

// Why a message was not accepted for a connection.
var (
	errGone       = errors.New("the connection is closed")
	errBufferFull = errors.New("the client side buffer is full")
)

// An outbox writes frames to a socket in the order they were queued, without
// making whoever queues them wait for the client. A goroutine writes while there
// is anything to write, and only then.
type outbox struct {
	socket net.Conn
	// running counts the writing goroutine.
	running *sync.WaitGroup

	mu      sync.Mutex
	queue   net.Buffers
	size    int  // bytes in the queue and in the write under way
	writing bool // the goroutine is running
	closing bool // a close frame is queued, nothing may follow
	closed  bool // the socket is to be closed once the queue is empty
	ended   ending
	over    chan struct{} // is closed with closing
}

// send queues a message for the client. It fails with errGone when the
// connection is ending and with errBufferFull when too much is waiting.
func (o *outbox) send(text []byte) error {
	return o.enqueue(encodeMessage(text))
}

// enqueue queues encoded frames.
func (o *outbox) enqueue(frames []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closing:
		return errGone
	case o.size > 0 && o.size+len(frames) > writeBuffer:
		return errBufferFull
	}
	o.push(frames)
	return nil
}

// push appends to the queue and sees that it is written. o.mu is held.
func (o *outbox) push(frames []byte) {
	o.queue = append(o.queue, frames)
	o.size += len(frames)
	if !o.writing {
		o.writing = true
		o.running.Go(o.write)
	}
}

// shut begins to close the connection: it queues a close frame behind what is
// waiting and gives both sides closeTimeout to be done. When the connection is
// closing already, first is false and ended is what began that.
func (o *outbox) shut(e ending) (ended ending, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return o.ended, false
	}
	o.end(e)
	// An error here is that of a dead socket, which reading reports too.
	_ = o.socket.SetDeadline(time.Now().Add(closeTimeout))
	o.push(e.frame())
	return e, true
}

// end notes how the connection ends, unless it is ending already. o.mu is held.
func (o *outbox) end(e ending) {
	if !o.closing {
		o.closing, o.ended = true, e
		close(o.over)
	}
}

// ending returns how the connection is ending, if it is.
func (o *outbox) ending() (ending, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ended, o.closing
}

// close closes the socket: at once, or else when the queue is written.
func (o *outbox) close(atOnce bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end(abnormal)
	o.closed = true
	if atOnce || !o.writing {
		o.socket.Close()
	}
}

// write writes the queue until it is empty. The queue is taken as a whole: what
// has piled up goes out in one system call.
func (o *outbox) write() {
	for {
		batch := o.take()
		if batch == nil {
			return
		}
		n, err := batch.WriteTo(o.socket)
		o.wrote(int(n), err)
	}
}

// take takes what is queued, nil when there is nothing left to do.
func (o *outbox) take() net.Buffers {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch := o.queue
	o.queue = nil
	if batch == nil {
		o.writing = false
		if o.closed {
			o.socket.Close()
		}
	}
	return batch
}

// wrote accounts for a write. After one that failed nothing can be written any
// more; closing the socket makes the reader notice.
func (o *outbox) wrote(n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.size -= n
	if err == nil {
		return
	}
	o.end(abnormal)
	o.queue, o.size = nil, 0
	o.socket.Close()
}
