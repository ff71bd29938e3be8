package fanout

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// answers keeps the answers to posts until their time has come. All wait
// equally long, so they come to their turn in the order in which they were
// put, and one goroutine writes them: a post costs no timer and no switch to a
// goroutine that waits for it.
type answers struct {
	latency time.Duration
	tally   *tally

	mu     sync.Mutex
	filled sync.Cond
	queue  []answer
	closed bool
}

type answer struct {
	due          time.Time
	conn         net.Conn
	member, size int
}

func newAnswers(latency time.Duration, t *tally) *answers {
	a := &answers{latency: latency, tally: t}
	a.filled.L = &a.mu
	return a
}

// put has a post answered when its time has come.
func (a *answers) put(conn net.Conn, member, size int) {
	due := time.Now().Add(a.latency)
	a.mu.Lock()
	a.queue = append(a.queue, answer{due, conn, member, size})
	if len(a.queue) == 1 {
		a.filled.Signal()
	}
	a.mu.Unlock()
}

// run writes answers until close.
func (a *answers) run() {
	var text []byte
	var second int64
	var batch, spare []answer
	for {
		batch = a.take(spare[:0])
		if batch == nil {
			return
		}
		for _, next := range batch {
			now := time.Now()
			if wait := next.due.Sub(now); wait > 0 {
				time.Sleep(wait)
				now = time.Now()
			}
			if now.Unix() != second {
				second, text = now.Unix(), response(now)
			}
			// Counted before it is written: a client that has read the answer finds
			// its post counted. A poster that is gone needs none.
			a.tally.answered(next.member, next.size, now)
			_, _ = next.conn.Write(text)
		}
		clear(batch) // hold on to no connection
		spare = batch
	}
}

// take returns everything that waits, once there is something, and leaves
// spare for what comes next. It returns nil after close.
func (a *answers) take(spare []answer) []answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) == 0 && !a.closed {
		a.filled.Wait()
	}
	if a.closed {
		return nil
	}
	batch := a.queue
	a.queue = spare
	return batch
}

func (a *answers) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	a.filled.Signal()
}

// response returns the answer to a post, with the headers that API Gateway's
// has.
func response(now time.Time) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: 0\r\n"+
		"Connection: keep-alive\r\nx-amzn-RequestId: 5f2a6a1e-6d5b-4a0f-9d5e-0d3f4f1c9b7a\r\nx-amz-apigw-id: R0oXAdfD0kwCH6w=\r\n\r\n",
		now.UTC().Format(http.TimeFormat))
}
