package limits

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
)

const (
	// maxCached limits the buckets that are known not to be full, and the
	// connections of rate-limited users.
	maxCached = 10_000
	// heavyBytes is how many bytes count as one message more, because storing each
	// of their KB takes a write unit, and sending a small message takes four.
	heavyBytes = 4 << 10
)

// Meter counts what users send against their rate.
type Meter struct {
	buckets Buckets
	limits  Limits
	env     base.Env
	filling *cache.Cache[BucketKey, time.Time] // when buckets that are not full will be
	limited *cache.Cache[string, time.Time]    // when the buckets of rate-limited users will be full, by connection
}

// NewMeter returns a meter on buckets.
func NewMeter(buckets Buckets, l Limits, env base.Env) *Meter {
	return &Meter{
		buckets: buckets, limits: l.WithDefaults(), env: env.WithDefaults(),
		filling: cache.New[BucketKey, time.Time](maxCached),
		limited: cache.New[string, time.Time](maxCached),
	}
}

// Weight returns how many messages something counts for that has so many bytes
// and goes to so many users.
func Weight(users, bytes int) int { return users * (1 + bytes/heavyBytes) }

// Precheck refuses something that counts for a number of messages, if the
// connection's user was refused before and still is over the rate for sure. It
// needs no read, so that a flood costs no units.
func (m *Meter) Precheck(connectionID string, messages int) error {
	if m.limits.MessageRate <= 0 {
		return nil
	}
	w := Withdrawal{At: m.env.Now()}
	w.Cost, w.Burst = m.limits.cost(messages)
	w.FullAt, _ = m.limited.Get(connectionID, w.At)
	if w.wait() > 0 {
		return m.refusal(w, messages)
	}
	return nil
}

// Count counts what a user sends by a connection as a number of messages, or
// refuses it.
func (m *Meter) Count(ctx context.Context, userID, connectionID string, messages int) error {
	if m.limits.MessageRate <= 0 {
		return nil
	}
	cost, burst := m.limits.cost(messages)
	w, err := m.Withdraw(ctx, UserBucket(userID), cost, burst)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ErrRateLimited):
		return fmt.Errorf("count what user %q sends: %w", userID, err)
	}
	m.limited.Put(connectionID, w.FullAt, w.FullAt)
	return m.refusal(w, messages)
}

// Withdraw takes something out of a bucket, or returns [ErrRateLimited]. FullAt of
// what it returns is when the bucket is full. It remembers that, and refuses what
// cannot be possible yet without asking the store.
func (m *Meter) Withdraw(ctx context.Context, key BucketKey, cost, burst time.Duration) (w Withdrawal, err error) {
	w = Withdrawal{Cost: max(cost, time.Microsecond), Burst: burst, At: m.env.Now()}
	w.FullAt, _ = m.filling.Get(key, w.At)
	if w.wait() > 0 {
		return w, ErrRateLimited
	}
	fullAt, err := m.buckets.Withdraw(ctx, key, w)
	if err != nil && !errors.Is(err, ErrRateLimited) {
		return w, err
	}
	w.FullAt = fullAt
	m.filling.Put(key, fullAt, fullAt)
	return w, err
}

// refusal returns the error for something that counts for too many messages now.
func (m *Meter) refusal(w Withdrawal, messages int) error {
	as := ""
	if messages > 1 {
		as = fmt.Sprintf(", and this counts as %d", messages)
	}
	return protocol.RateLimited(w.retryAfter(), "you may send %d messages a second, and %d at once%s: send this one again later",
		m.limits.MessageRate, m.limits.MessageBurst, as)
}

// cost returns what a number of messages takes out of a user's bucket, and what
// that holds when it is full.
func (l Limits) cost(messages int) (cost, burst time.Duration) {
	each := time.Second / time.Duration(l.MessageRate)
	return time.Duration(messages) * each, time.Duration(l.MessageBurst) * each
}
