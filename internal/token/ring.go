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
	// refetchAfter is the least time between two attempts while keys are known,
	// so that tokens with made-up keys cost next to nothing.
	refetchAfter = time.Minute
	// retryAfter is the same while none are known.
	retryAfter = time.Second
)

// ring holds the keys that are known. It fetches them while a request waits and
// never in between: a Lambda function is frozen then.
type ring struct {
	fetch   func(context.Context) ([]key, error)
	keep    time.Duration // how long keys count as fresh
	timeout time.Duration // of a fetch
	now     func() time.Time

	turn chan struct{} // holds one value while somebody fetches

	mu      sync.Mutex
	keys    []key
	fetches int       // how many succeeded
	fetched time.Time // when the last of them began
	tried   time.Time // when the last attempt began
	err     error     // why the last attempt failed
}

func newRing(keep time.Duration, now func() time.Time, fetch func(context.Context) ([]key, error)) *ring {
	return &ring{fetch: fetch, keep: keep, timeout: fetchTimeout, now: now, turn: make(chan struct{}, 1)}
}

// get returns keys, and how many fetches it took to have them. They are newer
// than those of that many fetches before, if newer ones can be had: 0 asks for
// any. Keys that are old are fetched again, and kept if that fails. The error
// is an [ErrUnavailable]: there are none.
func (r *ring) get(ctx context.Context, fetches int) ([]key, int, error) {
	keys, n, due := r.look(fetches)
	if !due {
		return r.known(keys, n)
	}
	if n > fetches { // keys are at hand, if old: nobody waits for another's fetch
		select {
		case r.turn <- struct{}{}:
		default:
			return keys, n, nil
		}
	} else {
		select {
		case r.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, 0, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
	}
	defer func() { <-r.turn }()
	if _, _, due := r.look(fetches); due {
		r.refresh(ctx)
	}
	keys, n, _ = r.look(fetches)
	return r.known(keys, n)
}

func (r *ring) known(keys []key, n int) ([]key, int, error) {
	if n > 0 {
		return keys, n, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, 0, fmt.Errorf("%w: %w", ErrUnavailable, r.err)
}

// look returns what is known, and whether it is time to fetch.
func (r *ring) look(fetches int) (keys []key, n int, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	pause := refetchAfter
	if r.fetches == 0 {
		pause = retryAfter
	}
	wanted := r.fetches <= fetches || now.Sub(r.fetched) >= r.keep
	return r.keys, r.fetches, wanted && (r.tried.IsZero() || now.Sub(r.tried) >= pause)
}

// refresh fetches. The request that it is for may end before: others wait for
// the keys too.
func (r *ring) refresh(ctx context.Context) {
	began := r.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	keys, err := r.fetch(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tried, r.err = began, err
	if err == nil {
		r.keys, r.fetched = keys, began
		r.fetches++
	}
}
