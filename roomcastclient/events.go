package roomcastclient

// events is the queue of callbacks. They run one after the other and without the
// client's lock, so a callback may call methods of the client.
//
// The queue has no limit: what is in it counts as delivered to this client, and must
// not be lost because a callback is slow.
type events struct {
	queue []func()
	wake  chan struct{}
}

// emit queues a callback. The caller holds c.mu.
func (c *Client) emit(call func()) {
	c.events.queue = append(c.events.queue, call)
	select {
	case c.events.wake <- struct{}{}:
	default: // the dispatcher is awake
	}
}

// dispatch runs callbacks until the client is closed. The last one is OnState with
// StateClosed, the only one that Close leaves in the queue.
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

// nextEvent takes a callback from the queue, nil if it is empty.
func (c *Client) nextEvent() (call func(), closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events.queue) == 0 {
		c.events.queue = nil // frees the memory
		return nil, c.closed
	}
	call = c.events.queue[0]
	c.events.queue = c.events.queue[1:]
	return call, c.closed
}

// setState changes the state and reports it. The caller holds c.mu.
func (c *Client) setState(s State) {
	if c.state == s {
		return
	}
	c.state = s
	if c.opts.OnState != nil {
		c.emit(func() { c.opts.OnState(s) })
	}
}

// updateState sets StateOpen once the connection in use is in all rooms. A room that
// is full, and joined again later, does not count. The caller holds c.mu.
func (c *Client) updateState() {
	conn := c.active
	if c.closed || conn == nil {
		return
	}
	for _, r := range c.rooms {
		if r.needed() && !conn.joined[r.id] && !r.noPlace[conn] {
			return
		}
	}
	c.setState(StateOpen)
}

// fail reports an error that no call returns. The caller holds c.mu.
func (c *Client) fail(err error) {
	if c.opts.OnError != nil && !c.closed {
		c.emit(func() { c.opts.OnError(err) })
	}
}
