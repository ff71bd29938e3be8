package token

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// fetchTimeout ends an attempt to fetch keys: a client waits for it.
	fetchTimeout = 3 * time.Second
	// refetchAfter is the least time between two attempts while keys are known, so
	// that tokens with invented keys cost next to nothing.
	refetchAfter = time.Minute
	// retryAfter is the same while none are known.
	retryAfter = time.Second
)

// keyCache holds the known keys. It fetches keys only while a request waits,
// because a Lambda function is frozen in between.
type keyCache struct {
	fetch   func(context.Context) ([]key, error)
	keep    time.Duration // how long keys count as fresh
	timeout time.Duration // of a fetch
	now     func() time.Time

	turn chan struct{} // holds one value during a fetch

	mu      sync.Mutex
	keys    []key
	fetches int       // how many succeeded
	fetched time.Time // when the last of them began
	tried   time.Time // when the last attempt began
	err     error     // why the last attempt failed
}

func newKeyCache(keep time.Duration, now func() time.Time, fetch func(context.Context) ([]key, error)) *keyCache {
	return &keyCache{fetch: fetch, keep: keep, timeout: fetchTimeout, now: now, turn: make(chan struct{}, 1)}
}

// get returns keys, and the number of fetches so far. If possible they are
// newer than those after n fetches; 0 asks for any. Old keys are fetched again,
// and kept if that fails. The error is an [ErrUnavailable]: there are no keys.
func (c *keyCache) get(ctx context.Context, fetches int) ([]key, int, error) {
	keys, n, due := c.look(fetches)
	if !due {
		return c.known(keys, n)
	}
	if n > fetches { // there are keys, though old ones: do not wait for another request's fetch
		select {
		case c.turn <- struct{}{}:
		default:
			return keys, n, nil
		}
	} else {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
	defer func() { <-c.turn }()
	if _, _, due := c.look(fetches); due {
		c.refresh(ctx)
	}
	keys, n, _ = c.look(fetches)
	return c.known(keys, n)
}

func (c *keyCache) known(keys []key, n int) ([]key, int, error) {
	if n > 0 {
		return keys, n, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return nil, 0, fmt.Errorf("%w: %w", ErrUnavailable, c.err)
}

// look returns the known keys, and whether it is time to fetch.
func (c *keyCache) look(fetches int) (keys []key, n int, due bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	pause := refetchAfter
	if c.fetches == 0 {
		pause = retryAfter
	}
	wanted := c.fetches <= fetches || now.Sub(c.fetched) >= c.keep
	return c.keys, c.fetches, wanted && (c.tried.IsZero() || now.Sub(c.tried) >= pause)
}

// refresh fetches keys. It continues when its request ends, because others wait
// for the keys too.
func (c *keyCache) refresh(ctx context.Context) {
	began := c.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
	defer cancel()
	keys, err := c.fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried, c.err = began, err
	if err == nil {
		c.keys, c.fetched = keys, began
		c.fetches++
	}
}
