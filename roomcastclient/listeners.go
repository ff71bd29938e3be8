package roomcastclient

import "slices"

// roomListeners are the callbacks that handles of one room have registered.
type roomListeners struct {
	message []*listener[Message]
	joined  []*listener[Joined]
	left    []*listener[Left]
	cursor  []*listener[Cursor]
}

// listener is one callback. It is a pointer in its list, so that it can be found
// again.
type listener[T any] struct{ call func(T) }

// events picks the list of one kind of event.
type eventsOf[T any] func(*roomListeners) *[]*listener[T]

func messagesOf(l *roomListeners) *[]*listener[Message] { return &l.message }
func joinsOf(l *roomListeners) *[]*listener[Joined]     { return &l.joined }
func leavesOf(l *roomListeners) *[]*listener[Left]      { return &l.left }
func cursorsOf(l *roomListeners) *[]*listener[Cursor]   { return &l.cursor }

// listen registers a callback for the events of a room and returns a function
// that removes it.
func listen[T any](c *Client, roomID string, events eventsOf[T], call func(T)) (remove func()) {
	if call == nil {
		return func() {}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	added := &listener[T]{call}
	room := c.listeners[roomID]
	if room == nil {
		room = &roomListeners{}
		c.listeners[roomID] = room
	}
	list := events(room)
	*list = append(*list, added)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		*list = slices.DeleteFunc(*list, func(l *listener[T]) bool { return l == added })
		if room.empty() && c.listeners[roomID] == room {
			delete(c.listeners, roomID)
		}
	}
}

func (l *roomListeners) empty() bool {
	return len(l.message)+len(l.joined)+len(l.left)+len(l.cursor) == 0
}

// hasListener reports whether a room has a callback for a kind of event. The
// caller holds c.mu.
func hasListener[T any](c *Client, roomID string, events eventsOf[T]) bool {
	room := c.listeners[roomID]
	return room != nil && len(*events(room)) > 0
}

// notify passes an event to the callback of Options, which may be nil, and then to
// the listeners of its room. It runs on the dispatcher without the lock, and skips
// a listener that was removed in the meantime.
func notify[T any](c *Client, roomID string, events eventsOf[T], option func(T), event T) {
	if option != nil {
		option(event)
	}
	var list []*listener[T]
	c.lock(func() {
		if room := c.listeners[roomID]; room != nil {
			list = slices.Clone(*events(room))
		}
	})
	for _, l := range list {
		var registered bool
		c.lock(func() {
			room := c.listeners[roomID]
			registered = room != nil && slices.Contains(*events(room), l)
		})
		if registered {
			l.call(event)
		}
	}
}
