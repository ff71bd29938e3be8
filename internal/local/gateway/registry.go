package gateway

import "sync"

// A registry has the open connections by ID, and whether the gateway is open.
type registry struct {
	mu     sync.RWMutex
	byID   map[string]*connection
	closed bool
}

func newRegistry() registry {
	return registry{byID: make(map[string]*connection)}
}

// enter counts a handshake in wg unless the registry is closed. Both happen under
// one lock, so that no handshake starts while Close waits.
func (r *registry) enter(wg *sync.WaitGroup) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return false
	}
	wg.Add(1)
	return true
}

// add registers a connection. It returns false after the registry was closed.
func (r *registry) add(c *connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.byID[c.id] = c
	return true
}

// remove removes a connection and reports whether the gateway is still open. Only
// then $disconnect runs.
func (r *registry) remove(c *connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.byID, c.id)
	return !r.closed
}

// get returns the connection with an ID, or nil.
func (r *registry) get(id string) *connection {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.byID[id]
}

// each calls f for every connection. f must not change the registry.
func (r *registry) each(f func(*connection)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, c := range r.byID {
		f(c)
	}
}

// close refuses new connections and returns the existing ones.
func (r *registry) close() []*connection {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	left := make([]*connection, 0, len(r.byID))
	for _, c := range r.byID {
		left = append(left, c)
	}
	return left
}
