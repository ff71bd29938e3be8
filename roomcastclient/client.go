package roomcastclient

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"sync"
	"time"
)

// Client is one user of one Roomcast stack. It keeps a connection until Close. A
// Client may be used by any number of goroutines.
type Client struct {
	opts Options
	work sync.WaitGroup // the goroutines that use the network

	// mu guards all that follows. Nothing blocks while it is held: each socket has
	// goroutines that read and write it, and another goroutine runs the callbacks.
	mu        sync.Mutex
	closed    bool
	state     State
	events    events
	listeners map[string]*roomListeners // by room id

	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	stopDial context.CancelFunc // ends the attempt to connect

	conns           map[*connection]struct{} // all that have not ended
	active          *connection              // the one in use, nil without one
	next            *connection              // the one that is to replace it
	dialing         bool                     // an attempt to connect is under way
	dialed          time.Time                // when the newest attempt began
	redialNow       bool                     // it was abandoned for another one
	redialTimer     *timer                   // starts the next attempt
	retries         int                      // failed attempts, which determine the backoff
	failedConnects  int                      // failed attempts since the last connection
	shortLived      int                      // connections in a row that were lost at once
	failure         error                    // why there is no connection, nil while there is one
	checkWaiters    []chan answer[struct{}]  // pending calls of CheckConnection
	clockTimer      *timer                   // compares the clocks again
	rollingOver     bool                     // active is being replaced
	rolloverWaiters []chan error             // pending calls of Rollover

	rooms         map[string]*roomState
	queued        int // messages that wait to be acknowledged
	calls         int // other pending calls
	recentIDs     recentIDs
	requests      map[string]*request
	inbox         inbox
	remoteCursors map[cursorKey]Cursor // positions that OnCursor has not received yet

	name  string // the prefix of every clientId
	count int
}

// New returns a client and starts to connect. The error says which option is
// invalid.
func New(o Options) (*Client, error) {
	opts, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var name [8]byte
	_, _ = rand.Read(name[:]) // never fails
	c := &Client{
		opts:          opts,
		events:        events{wake: make(chan struct{}, 1)},
		listeners:     map[string]*roomListeners{},
		conns:         map[*connection]struct{}{},
		rooms:         map[string]*roomState{},
		requests:      map[string]*request{},
		inbox:         newInbox(),
		remoteCursors: map[cursorKey]Cursor{},
		name:          hex.EncodeToString(name[:]),
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

// Close closes the client. Pending calls fail with CodeClosed. No callback starts
// after Close, except for OnState with StateClosed. Close waits for at most a second
// for the connections to close. Closing a client again does nothing. The error is
// always nil.
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
		c.emit(func() {}) // wakes the dispatcher, which ends after it
	})
	c.work.Wait()
	return nil
}

// State returns the state of the connection. Options.OnState reports changes.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// lock runs f with the lock held, and reports whether it did: it does not once the
// client is closed.
func (c *Client) lock(f func()) (open bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	f()
	return true
}

// newID returns a clientId that nothing else has. The caller holds c.mu.
func (c *Client) newID() string {
	c.count++
	return c.name + "-" + strconv.Itoa(c.count)
}
