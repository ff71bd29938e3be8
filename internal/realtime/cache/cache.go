// Package cache keeps values in memory for a short time, for as long as a
// function stays warm. Everything in a cache can be read or computed again.
package cache

import (
	"sync"
	"time"
)

// Cache maps keys to values that expire. It holds a limited number of entries:
// when it is full, it drops all of them. Any number of goroutines may use it.
type Cache[K comparable, V any] struct {
	limit int

	mu      sync.Mutex
	entries map[K]entry[V]
}

type entry[V any] struct {
	value     V
	expiresAt time.Time
}

// New returns an empty cache of at most limit entries.
func New[K comparable, V any](limit int) *Cache[K, V] {
	return &Cache[K, V]{limit: limit}
}

// Get returns the value of a key, and whether it is there and has not expired.
func (c *Cache[K, V]) Get(key K, now time.Time) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[key]
	return e.value, ok && e.expiresAt.After(now)
}

// Put stores a value until it expires.
func (c *Cache[K, V]) Put(key K, value V, expiresAt time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= c.limit {
		c.entries = map[K]entry[V]{}
	}
	c.entries[key] = entry[V]{value: value, expiresAt: expiresAt}
}

// Delete removes a value.
func (c *Cache[K, V]) Delete(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, key)
}
