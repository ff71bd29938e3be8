package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrSpent says that a user has sent as much as there may be in a window.
var ErrSpent = errors.New("the window is spent")

// maxSpent bounds the users who are remembered to have spent their window, and
// the connections by which they tried to send more.
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

// windowAt returns the number of the window that a time is in, and its end.
func (l Limits) windowAt(now time.Time) (window int64, ends time.Time) {
	length, _ := l.window()
	window = now.UnixNano() / int64(length)
	return window, time.Unix(0, (window+1)*int64(length))
}

// hasSpent refuses a message or a notification of a connection that was refused
// one in the same window. It comes before the connection is read, so that a
// flood costs no units.
func (s *Service) hasSpent(connectionID string) error {
	now := s.now()
	if _, spent := s.hasty.get(connectionID, now); !spent {
		return nil
	}
	_, ends := s.limits.windowAt(now)
	return s.overRate(ends.Sub(now))
}

// spend counts a message or a notification of a sender's, or refuses it. It
// needs Rates, unless the rate has no limit.
func (s *Service) spend(ctx context.Context, sender Connection) error {
	if s.limits.MessageRate <= 0 {
		return nil
	}
	_, most := s.limits.window()
	now := s.now()
	window, ends := s.limits.windowAt(now)
	if _, spent := s.spent.get(sender.UserID, now); !spent {
		const spare = time.Minute // for clocks that differ
		err := s.rates.Spend(ctx, sender.UserID, window, most, ends.Add(spare).Truncate(time.Second))
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrSpent) {
			return fmt.Errorf("count what user %q sends: %w", sender.UserID, err)
		}
		s.spent.put(sender.UserID, struct{}{}, ends)
	}
	s.hasty.put(sender.ID, struct{}{}, ends)
	return s.overRate(ends.Sub(now))
}

// overRate is the refusal of a message or a notification that is one too many.
func (s *Service) overRate(wait time.Duration) error {
	return rateLimited(wait, "you may send %d messages a second, and %d at once: send this one again later",
		s.limits.MessageRate, s.limits.MessageBurst)
}
