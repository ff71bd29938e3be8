package realtime

import (
	"sync"
	"time"
)

// memo remembers values for a while, as long as a function is warm. At most
// so many are known at a time: then all are forgotten, because each can be
// found out again.
type memo[K comparable, V any] struct {
	most int

	mu    sync.Mutex
	known map[K]noted[V]
}

// noted is a value and how long it counts.
type noted[V any] struct {
	value V
	until time.Time
}

func newMemo[K comparable, V any](most int) *memo[K, V] {
	return &memo[K, V]{most: most}
}

// get returns what is remembered of a key, and whether it counts as yet.
func (m *memo[K, V]) get(key K, now time.Time) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, ok := m.known[key]
	return n.value, ok && n.until.After(now)
}

// forget has a value found out again.
func (m *memo[K, V]) forget(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.known, key)
}

// put remembers a value.
func (m *memo[K, V]) put(key K, value V, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= m.most {
		m.known = map[K]noted[V]{}
	}
	m.known[key] = noted[V]{value: value, until: until}
}
