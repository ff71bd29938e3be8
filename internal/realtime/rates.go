package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrSpent says that a user has sent as much as there may be in a window.
var ErrSpent = errors.New("the window is spent")

// maxSpent bounds the users who are remembered to have spent their window.
const maxSpent = 10_000

// Rates counts what users send, in windows of time.
type Rates interface {
	// Spend counts one more in a window of a user's, or returns ErrSpent when
	// there are most in it. Of any number at the same time not one more is
	// counted; one whose answer was lost may count twice. The count is kept
	// until expiresAt, in whole seconds.
	Spend(ctx context.Context, userID string, window int64, most int, expiresAt time.Time) error
}

// window returns how long the windows of the message rate are, and how many
// messages there may be in each.
//
// Half of the burst in each: what lies in any stretch of time touches at most
// two windows more than fit into it, and so is at most the rate times its
// length, and the burst.
func (l Limits) window() (length time.Duration, most int) {
	most = max(l.MessageBurst/2, 1)
	return max(time.Duration(most)*time.Second/time.Duration(l.MessageRate), 1), most
}

// spend counts a message or a notification of a user's, or refuses it. It
// needs Rates, unless the rate has no limit.
func (s *Service) spend(ctx context.Context, userID string) error {
	if s.limits.MessageRate <= 0 {
		return nil
	}
	length, most := s.limits.window()
	now := s.now()
	window := now.UnixNano() / int64(length)
	ends := time.Unix(0, (window+1)*int64(length))
	if _, spent := s.spent.get(userID, now); !spent {
		const spare = time.Minute // for clocks that differ
		err := s.rates.Spend(ctx, userID, window, most, ends.Add(spare).Truncate(time.Second))
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrSpent) {
			return fmt.Errorf("count what user %q sends: %w", userID, err)
		}
		s.spent.put(userID, struct{}{}, ends)
	}
	return rateLimited(ends.Sub(now), "you may send %d messages a second, and %d at once: send this one again later",
		s.limits.MessageRate, s.limits.MessageBurst)
}
