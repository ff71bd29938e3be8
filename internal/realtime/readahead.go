package realtime

import "sync"

// maxAhead is how many members wait for their post to begin when the next shard
// is read: posting to so many takes about as long as reading one.
const maxAhead = 250

// readAhead lets a function that has the jobs of many shards read the members
// of one while it posts to those of another, and not all of them at once: that
// would be no faster, and in the way of everybody else who uses the table.
type readAhead struct {
	mu      sync.Mutex
	changed sync.Cond

	reading bool
	waiting int // members that were read, and whose post has not begun
}

func newReadAhead() *readAhead {
	r := &readAhead{}
	r.changed.L = &r.mu
	return r
}

// read calls f when it is time for it.
func (r *readAhead) read(f func() ([]Member, error)) ([]Member, error) {
	r.mu.Lock()
	for r.reading || r.waiting > maxAhead {
		r.changed.Wait()
	}
	r.reading = true
	r.mu.Unlock()

	members, err := f()

	r.mu.Lock()
	r.reading = false
	r.waiting += len(members)
	r.mu.Unlock()
	r.changed.Broadcast()
	return members, err
}

// begun says that the post to one of the members begins.
func (r *readAhead) begun() {
	r.mu.Lock()
	r.waiting--
	due := r.waiting == maxAhead
	r.mu.Unlock()
	if due {
		r.changed.Broadcast()
	}
}
