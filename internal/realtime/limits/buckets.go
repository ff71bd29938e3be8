package limits

import (
	"context"
	"errors"
	"time"
)

// ErrRateLimited is returned when a bucket does not hold what a withdrawal takes.
var ErrRateLimited = errors.New("the bucket does not hold that much")

// BucketKey names a token bucket: that of a user, or one that all users share.
type BucketKey string

// UserBucket returns the bucket of what a user sends.
func UserBucket(userID string) BucketKey { return BucketKey("USER#" + userID) }

// Withdrawal is what is to be taken out of a bucket. A bucket fills as time
// passes: its content is a time, and when full it holds Burst.
type Withdrawal struct {
	Cost, Burst time.Duration
	// At is now.
	At time.Time
	// FullAt is when the bucket is full again as far as is known, zero if it is
	// not known. It may really be later, because others withdraw too, but not
	// sooner.
	FullAt time.Time
}

// wait returns how long it takes until the withdrawal is possible, as far as is
// known: until the bucket holds that much, or is full. A withdrawal of more than a
// full bucket leaves a debt, which has to fill up first.
func (w Withdrawal) wait() time.Duration {
	if !w.FullAt.After(w.At) {
		return 0
	}
	return max(w.FullAt.Sub(w.At)-max(w.Burst-w.Cost, 0), 0)
}

// retryAfter returns how long a refused client should wait: until the withdrawal
// is possible and the bucket is half full. If a user's many connections all came
// back for the next message, all but one would be refused again.
func (w Withdrawal) retryAfter() time.Duration {
	return max(w.wait(), w.FullAt.Sub(w.At)-w.Burst/2, time.Millisecond)
}

// Buckets keeps token buckets.
type Buckets interface {
	// Withdraw takes the cost out of a bucket if the bucket holds that much, or is
	// full, and returns when it will be full. Otherwise it takes nothing, and the
	// error is ErrRateLimited. Concurrent withdrawals never take too much in all; one
	// whose answer was lost may be taken twice. Times are in microseconds.
	Withdraw(ctx context.Context, key BucketKey, w Withdrawal) (fullAt time.Time, err error)
}
