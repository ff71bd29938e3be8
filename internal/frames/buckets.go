package frames

import (
	"sync"
	"time"
)

const (
	// burst is the time for which a connection may save up frames: after it, the
	// connection may send as many at once as its rate allows in that time.
	burst = 2 * time.Second
	// maxBuckets bounds the connections that are counted at a time.
	maxBuckets = 10_000
	// maxDebt bounds what a connection may owe: some costs are known only after
	// the work is done.
	maxDebt = 10 * time.Second
)

// buckets count the frames of connections, in the memory of one function: each
// connection has a bucket that fills at the rate.
type buckets struct {
	rate     int
	interval int64 // ns from one frame to the next at the rate; 0 for no limit

	mu sync.Mutex
	// young and old hold when a bucket is full again, in ns since 1970; a bucket
	// that is in neither is full. When young has half of maxBuckets, it becomes
	// old, and the former old is forgotten: nothing has used it for thousands of
	// frames.
	young, old map[string]int64
}

// newBuckets returns full buckets. A rate of 0 or less is no limit.
func newBuckets(rate int) *buckets {
	if rate <= 0 {
		return &buckets{}
	}
	return &buckets{rate: rate, interval: int64(time.Second) / int64(rate), young: map[string]int64{}}
}

// take takes frames out of a connection's bucket, or returns how long the
// connection has to wait for them. More than a full bucket holds counts as a full
// bucket.
func (b *buckets) take(connectionID string, frames int, now time.Time) (wait time.Duration) {
	if b.interval == 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at, burst := now.UnixNano(), int64(burst)
	full, ok := b.young[connectionID]
	if !ok {
		full = b.old[connectionID]
	}
	if full < at || full > at+burst+int64(maxDebt) { // the latter if the clock was set back
		full = at
	}
	then := full + min(int64(frames)*b.interval, burst)
	if wait = time.Duration(then - at - burst); wait <= 0 {
		full, wait = then, 0
	}
	if !ok && len(b.young) >= maxBuckets/2 {
		b.young, b.old = map[string]int64{}, b.young
	}
	b.young[connectionID] = full // even if it was refused: the bucket is in use
	return wait
}

// charge takes frames out of a connection's bucket for a frame that was let through
// and cost more than it counted for. If the bucket holds less, the rest is a debt.
func (b *buckets) charge(connectionID string, frames int, now time.Time) {
	if b.interval == 0 || frames == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := now.UnixNano()
	full := max(b.young[connectionID], b.old[connectionID], at)
	b.young[connectionID] = min(full+int64(frames)*b.interval, at+int64(burst+maxDebt))
}
