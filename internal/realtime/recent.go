package realtime

import (
	"context"
	"sync"
	"time"
)

const (
	// recentAge is how long it counts who is in a room where cursors move, and
	// what somebody may do who moves one: a member who joined a moment ago sees
	// them a moment later, and a token that ended a moment ago still counts.
	recentAge = 2 * time.Second
	// maxRosters bounds the rooms that are remembered at a time, and maxMovers
	// those who move cursors.
	maxRosters = 100
	maxMovers  = 1000
)

// roster is who is in a room, or in one shard of it.
type roster struct {
	members []Member
	// shards is how many there are in the room.
	shards int
}

// memory remembers what was read a moment ago, while a function is warm.
type memory[K comparable, V any] struct {
	// most is how many values it remembers at a time.
	most int

	mu    sync.Mutex
	known map[K]reading[V]
}

// reading is a value and when it was read.
type reading[V any] struct {
	value V
	at    time.Time
}

// recent returns a value that is not older than recentAge, or reads it.
// remembered tells that it was not read now.
func (m *memory[K, V]) recent(ctx context.Context, of K, now func() time.Time, read func(context.Context) (V, error)) (value V, remembered bool, err error) {
	m.mu.Lock()
	known, ok := m.known[of]
	m.mu.Unlock()
	if ok && now().Sub(known.at) < recentAge {
		return known.value, true, nil
	}
	at := now()
	value, err = read(ctx)
	if err != nil {
		return value, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= m.most {
		m.known = map[K]reading[V]{}
	}
	m.known[of] = reading[V]{value, at}
	return value, false, nil
}

// forget makes recent read a value again.
func (m *memory[K, V]) forget(of K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, of)
}
