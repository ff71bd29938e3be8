package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// ErrSpent says that a bucket does not hold what was to be taken out of it.
var ErrSpent = errors.New("the bucket does not hold as much")

const (
	// maxFilling bounds the buckets that are remembered not to be full, and the
	// connections of users who were refused.
	maxFilling = 10_000
	// heavyBytes is how many bytes count as one message more, because to store
	// each of their KB takes a write unit, and to send a small message takes
	// four.
	heavyBytes = 4 << 10
)

// RateKey names a bucket: that of a user, or of what all users share.
type RateKey string

// RateOfUser returns the bucket of what a user sends.
func RateOfUser(userID string) RateKey { return RateKey("USER#" + userID) }

// Spending is what is to be taken out of a bucket. A bucket fills as time
// passes: what it holds is a time, and full it holds Burst.
type Spending struct {
	Cost, Burst time.Duration
	// At is now.
	At time.Time
	// Full is when the bucket is full again as far as is known, zero for not
	// known. It may really be later, because others spend too, but not sooner.
	Full time.Time
}

// wait returns how long it is until the spending is possible, as far as is known:
// when the bucket holds as much, or is full. What costs more than a full bucket
// holds leaves a debt, which has to fill up first.
func (s Spending) wait() time.Duration {
	if !s.Full.After(s.At) {
		return 0
	}
	return max(s.Full.Sub(s.At)-max(s.Burst-s.Cost, 0), 0)
}

// advice returns how long somebody should wait who was refused: until the
// spending is possible, and until the bucket is half full. Many connections of a
// user that all come back for the next message would be refused again but for one.
func (s Spending) advice() time.Duration {
	return max(s.wait(), s.Full.Sub(s.At)-s.Burst/2, time.Millisecond)
}

// Rates keeps buckets.
type Rates interface {
	// Spend takes the cost out of a bucket if it holds as much, or is full, and
	// returns when it will be full. Otherwise it takes nothing, and the error is
	// ErrSpent. Of any number at the same time not one too many is taken; one
	// whose answer was lost may be taken twice. Times are in microseconds.
	Spend(ctx context.Context, key RateKey, s Spending) (full time.Time, err error)
}

// spend takes something out of a bucket, or returns ErrSpent. Full in what it
// returns is when the bucket is full. It remembers that: what it knows not to be
// possible it asks nobody about. It needs Rates.
func (s *Service) spend(ctx context.Context, key RateKey, cost, burst time.Duration) (sp Spending, err error) {
	sp = Spending{Cost: max(cost, time.Microsecond), Burst: burst, At: s.now()}
	sp.Full, _ = s.filling.Get(key, sp.At)
	if sp.wait() > 0 {
		return sp, ErrSpent
	}
	full, err := s.rates.Spend(ctx, key, sp)
	if err != nil && !errors.Is(err, ErrSpent) {
		return sp, err
	}
	sp.Full = full
	s.filling.Put(key, full, full)
	return sp, err
}

// weight returns how many messages something of so many bytes counts for, which
// so many users are sent.
func weight(users, bytes int) int { return users * (1 + bytes/heavyBytes) }

// spending returns what so many messages take out of a user's bucket, and what
// that holds when it is full.
func (l Limits) spending(messages int) (cost, burst time.Duration) {
	each := time.Second / time.Duration(l.MessageRate)
	return time.Duration(messages) * each, time.Duration(l.MessageBurst) * each
}

// hasSpent refuses what counts for so many messages, of a connection whose user
// was refused before, if it is known that there still is no room for it. It comes
// before the connection is read, so that a flood costs no units.
func (s *Service) hasSpent(connectionID string, messages int) error {
	if s.limits.MessageRate <= 0 {
		return nil
	}
	sp := Spending{At: s.now()}
	sp.Cost, sp.Burst = s.limits.spending(messages)
	sp.Full, _ = s.refused.Get(connectionID, sp.At)
	if sp.wait() > 0 {
		return s.overRate(sp, messages)
	}
	return nil
}

// spendMessages counts what a sender sends as so many messages, or refuses it. It
// needs Rates, unless the rate has no limit.
func (s *Service) spendMessages(ctx context.Context, sender Connection, messages int) error {
	if s.limits.MessageRate <= 0 {
		return nil
	}
	cost, burst := s.limits.spending(messages)
	sp, err := s.spend(ctx, RateOfUser(sender.UserID), cost, burst)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, ErrSpent):
		return fmt.Errorf("count what user %q sends: %w", sender.UserID, err)
	}
	s.refused.Put(sender.ID, sp.Full, sp.Full)
	return s.overRate(sp, messages)
}

// overRate is the refusal of what counts for so many messages, too many by now.
func (s *Service) overRate(sp Spending, messages int) error {
	as := ""
	if messages > 1 {
		as = fmt.Sprintf(", and this counts as %d", messages)
	}
	return protocol.RateLimited(sp.advice(), "you may send %d messages a second, and %d at once%s: send this one again later",
		s.limits.MessageRate, s.limits.MessageBurst, as)
}
