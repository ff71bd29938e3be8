package polling

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/retry"
)

// updates hands every user its updates, at even distances and the users in a
// random order, and notes how long each took to arrive.
type updates struct {
	users int
	bytes int
	// deliver hands an update to whatever brings it to a user.
	deliver func(ctx context.Context, user int, text string) error

	mu      sync.Mutex
	sentAt  map[string]time.Time
	arrived []time.Duration
	sent    int
}

// run hands out one update for each user and minute, until the time is over.
func (u *updates) run(ctx context.Context, length time.Duration) error {
	count := max(int(float64(u.users)*length.Minutes()), 1)
	begin, order := time.Now(), rand.Perm(u.users)
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	for n := range count {
		if err := retry.Sleep(ctx, time.Until(begin.Add(length*time.Duration(n)/time.Duration(count)))); err != nil {
			return err
		}
		user := order[n%u.users]
		text := fmt.Sprintf("%d-%d", user, n)
		text += strings.Repeat("u", max(u.bytes-len(text), 0))
		u.mu.Lock()
		u.sentAt[text], u.sent = time.Now(), u.sent+1
		u.mu.Unlock()
		wg.Go(func() {
			if err := u.deliver(ctx, user, text); err != nil {
				once.Do(func() { failed = fmt.Errorf("bench polling: hand out an update: %w", err) })
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	return retry.Sleep(ctx, time.Until(begin.Add(length)))
}

// awaitArrivals waits until every update has arrived, for a time at most.
func (u *updates) awaitArrivals(ctx context.Context, atMost time.Duration) error {
	for end := time.Now().Add(atMost); time.Now().Before(end); {
		u.mu.Lock()
		missing := len(u.sentAt)
		u.mu.Unlock()
		if missing == 0 {
			return nil
		}
		if err := retry.Sleep(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// arrive notes that a user got an update. One that comes again counts once.
func (u *updates) arrive(text string) {
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	if sent, ok := u.sentAt[text]; ok {
		delete(u.sentAt, text)
		u.arrived = append(u.arrived, now.Sub(sent))
	}
}

// result returns how many were sent and have arrived, and how long that took.
func (u *updates) result() (sent, arrived int, took bench.Latency) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sent, len(u.arrived), bench.LatencyOf(u.arrived)
}
