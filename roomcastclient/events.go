package roomcastclient

// events calls the application's callbacks, one after the other and without
// the client's lock, so that a callback may call methods of the client.
//
// The queue has no bound: what is in it was delivered to this client, and must
// not be lost because a callback is slow.
type events struct {
	queue []func()
	wake  chan struct{}
}

// emit has a callback called. With c.mu held.
func (c *Client) emit(call func()) {
	c.events.queue = append(c.events.queue, call)
	select {
	case c.events.wake <- struct{}{}:
	default: // it is awake already
	}
}

// dispatch calls callbacks until the client is closed. The state Closed, which
// Close leaves alone in the queue, is the last one.
func (c *Client) dispatch() {
	for range c.events.wake {
		for {
			call, closed := c.nextEvent()
			if call != nil {
				call()
				continue
			}
			if closed {
				return
			}
			break
		}
	}
}

// nextEvent takes a callback from the queue, nil when there is none.
func (c *Client) nextEvent() (call func(), closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events.queue) == 0 {
		c.events.queue = nil // gives the memory back
		return nil, c.closed
	}
	call = c.events.queue[0]
	c.events.queue = c.events.queue[1:]
	return call, c.closed
}

// setState tells of a new state. With c.mu held.
func (c *Client) setState(s State) {
	if c.state == s {
		return
	}
	c.state = s
	if c.opts.OnState != nil {
		c.emit(func() { c.opts.OnState(s) })
	}
}

// fail tells of an error that no call returns. With c.mu held.
func (c *Client) fail(err error) {
	if c.opts.OnError != nil && !c.closed {
		c.emit(func() { c.opts.OnError(err) })
	}
}
