package roomcastclient

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

// Client is a client of one Roomcast stack, as one user. It may be used by any
// number of goroutines.
//
// One lock guards its whole state. Nothing waits while it is held: sockets are
// read and written by goroutines of their own, and callbacks are called by
// another.
type Client struct {
	opts Options
	work sync.WaitGroup // the goroutines that talk to the network

	mu     sync.Mutex
	closed bool
	state  State
	events events

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	stopDial context.CancelFunc // ends the attempt to connect

	conns   map[*connection]struct{} // all that are not ended
	active  *connection              // the one in use, nil while there is none
	next    *connection              // the one that is to replace it
	dialing bool                     // an attempt to connect is under way
	dialed  time.Time                // when the newest attempt began
	redialNow bool                     // it was given up for the next one
	redialTimer  *timer                   // the next attempt
	retries int                      // attempts in vain
	failedConnects int                      // the same, since the last connection
	shortLived   int                      // connections in a row that were lost at once
	failure error                    // why there is no connection, nil while there is one
	checkWaiters  []chan answer[struct{}]  // calls of CheckConnection that wait
	clockTimer   *timer                   // for the next look at the wall clock
	rollingOver bool                     // active is being replaced
	rolloverWaiters  []chan error             // calls of Rollover that wait

	rooms    map[string]*room
	queued   int // messages that wait to be acknowledged
	recentIDs    recentIDs
	requests map[string]*request
	inbox    inbox
	remoteCursors    map[cursorKey]Cursor // of others, that OnCursor is to be told

	name  string // begins every clientId
	count int
}

// New returns a client, which begins to connect. The error says which option is
// wrong.
func New(o Options) (*Client, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var name [8]byte
	_, _ = rand.Read(name[:]) // never fails
	c := &Client{
		opts:     opts,
		events:   events{wake: make(chan struct{}, 1)},
		conns:    map[*connection]struct{}{},
		rooms:    map[string]*room{},
		requests: map[string]*request{},
		inbox:    newInbox(),
		remoteCursors:    map[cursorKey]Cursor{},
		name:     hex.EncodeToString(name[:]),
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	go c.dispatch()
	c.lock(func() {
		c.setState(StateConnecting)
		c.connect(0)
		c.watchClock()
	})
	return c, nil
}

// Close ends the client: what waits fails with [CodeClosed], no callback is
// called after it but the one under way and that of the state [Closed]. It
// waits for its connections to be closed, a second at most. Closing twice is
// fine. The error is always nil.
func (c *Client) Close() error {
	c.lock(func() {
		c.closed = true
		c.cancel()
		c.events.queue = nil
		c.setState(StateClosed)
		c.redialTimer.stop()
		c.clockTimer.stop()
		for conn := range c.conns {
			c.end(conn, true)
		}
		c.active, c.next = nil, nil
		for _, q := range c.requests {
			c.finish(q, nil, errClosed())
		}
		for _, r := range c.rooms {
			c.drop(r, errClosed())
		}
		c.endRollover(errClosed())
		c.resolveChecks(errClosed())
		c.emit(func() {}) // wakes the dispatcher, to see that this was the last
	})
	c.work.Wait()
	return nil
}

// lock runs f with the lock held, unless the client is closed, which it
// reports.
func (c *Client) lock(f func()) (ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	f()
	return true
}

// newID returns a clientId that nothing else has. With c.mu held.
func (c *Client) newID() string {
	c.count++
	return c.name + "-" + strconv.Itoa(c.count)
}

// answer is what a call waits for.
type answer[T any] struct {
	value T
	err   error
}

// wait waits for an answer, or for the end of ctx.
func wait[T any](ctx context.Context, answers <-chan answer[T]) (T, error) {
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
	}
	select {
	case a := <-answers: // both came: the answer counts
		return a.value, a.err
	default:
		var zero T
		return zero, context.Cause(ctx)
	}
}
