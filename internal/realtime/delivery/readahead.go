package delivery

import (
	"sync"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// maxAhead is how many members may wait for their post to begin when the next shard
// is read: posting to that many takes about as long as reading one shard.
const maxAhead = 250

// readAhead lets a function that has the jobs of many shards read the members of one
// shard while it posts to those of another, and not all shards at once: that would
// be no faster, and would slow everything else that uses the table.
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
func (r *readAhead) read(f func() ([]members.Member, error)) ([]members.Member, error) {
	r.mu.Lock()
	for r.reading || r.waiting > maxAhead {
		r.changed.Wait()
	}
	r.reading = true
	r.mu.Unlock()

	read, err := f()

	r.mu.Lock()
	r.reading = false
	r.waiting += len(read)
	r.mu.Unlock()
	r.changed.Broadcast()
	return read, err
}

// begun notes that the post to one of the members begins.
func (r *readAhead) begun() {
	r.mu.Lock()
	r.waiting--
	due := r.waiting == maxAhead
	r.mu.Unlock()
	if due {
		r.changed.Broadcast()
	}
}
