package gateway

import (
	"errors"
	"net"
	"sync"
	"time"
)

// writeBuffer is how many bytes may wait for a slow client, beyond the operating
// system's buffers.
const writeBuffer = 512 << 10

// Reasons for not accepting a message for a connection.
var (
	errGone       = errors.New("the connection is closed")
	errBufferFull = errors.New("the client side buffer is full")
)

// An outbox writes frames to a socket in the order of their queueing, so that
// senders do not wait for the client. A goroutine writes only while there is
// something to write.
type outbox struct {
	socket net.Conn
	// running counts the writing goroutine.
	running *sync.WaitGroup

	mu      sync.Mutex
	queue   net.Buffers
	size    int  // bytes in the queue and in the write in progress
	writing bool // the goroutine is running
	closing bool // a close frame is queued; nothing may follow
	closed  bool // close the socket when the queue is empty
	ended   ending
	over    chan struct{} // closed with closing
}

// send queues a message for the client. It fails with errGone if the connection is
// ending, and with errBufferFull if too much is waiting.
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

// push appends to the queue and starts the writer if needed. o.mu is held.
func (o *outbox) push(frames []byte) {
	o.queue = append(o.queue, frames)
	o.size += len(frames)
	if !o.writing {
		o.writing = true
		o.running.Go(o.write)
	}
}

// shut starts closing the connection: it queues a close frame and limits the rest
// to closeTimeout. If the connection is closing already, first is false and ended
// is the earlier ending.
func (o *outbox) shut(e ending) (ended ending, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return o.ended, false
	}
	o.end(e)
	// An error means a dead socket, which reading reports too.
	_ = o.socket.SetDeadline(time.Now().Add(closeTimeout))
	o.push(e.frame())
	return e, true
}

// end records how the connection ends, unless it is ending already. o.mu is held.
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

// close closes the socket, immediately or when the queue is empty.
func (o *outbox) close(now bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.end(abnormal)
	o.closed = true
	if now || !o.writing {
		o.socket.Close()
	}
}

// write writes until the queue is empty. It takes the whole queue at a time, so
// that waiting frames go out in one system call.
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

// take returns the queued frames, or nil if there are none.
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

// wrote updates the state after a write. Nothing can be written after a failed
// write. Closing the socket then ends the reader.
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
