package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
)

const (
	// expireBack is how far a sweep looks back beyond the last one that left
	// nothing undone, for what was noted late.
	expireBack = 4 * time.Minute
	// expireAhead is how far it looks ahead. There is a sweep every minute, and
	// it takes a moment: with this no connection is open for more than a minute
	// after its token ended.
	expireAhead = 5 * time.Second
	// expireStale is how long after its time an ending is kept that is out of
	// date. A refresh that was on its way at that time may note it again.
	expireStale = time.Minute
	// expireReads bounds the reads of a sweep at the same time. The first sweep of
	// a sandbox looks back two hours, which takes some 2,000 of them: nobody waits
	// for those, but everybody's messages would wait behind them where the tables
	// are on a small machine.
	expireReads = 2
	// expireConcurrency bounds the connections that are closed at the same time.
	// The calls count towards the same quota as the posts, which go first.
	expireConcurrency = 25
)

// CloseExpired closes the connections whose token has ended, and forgets them.
// It needs Connections and Poster, and is to be called every minute. It returns
// how many it closed. What could not be done is left to the next call: a
// connection that fails is logged, and the error says that there may be
// connections that it did not learn of. A service that has not yet got to the
// end of a call looks as far back as there are connections, so none stays open
// because nobody called for a while. Calls may overlap.
//
// Who has sent a refresh meanwhile is spared. One that comes while its
// connection is being closed is too late.
func (s *Service) CloseExpired(ctx context.Context) (closed int, err error) {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	by := s.now().Add(expireAhead)
	endings, err := s.endings(ctx, by)
	var count, failures atomic.Int64
	inParallel(len(endings), expireConcurrency, func(i int) {
		if ctx.Err() != nil {
			return
		}
		ok, err := s.closeEnded(ctx, endings[i], by)
		if err != nil {
			failures.Add(1)
			s.logger.WarnContext(ctx, "could not close a connection whose token has ended, the next minute will",
				"connectionId", endings[i].ConnectionID, "error", err)
		}
		if ok {
			count.Add(1)
		}
	})
	if count.Load() > 0 {
		s.logger.InfoContext(ctx, "closed connections whose token has ended", "connections", count.Load())
	}
	if err = errors.Join(err, ctx.Err()); err == nil && failures.Load() == 0 {
		s.swept.Store(by.Unix())
	}
	return int(count.Load()), err
}

// endings returns what was noted to end by a time and is not known to be done,
// the oldest minute first. With an error, there may be more. It takes no more than
// half of the time that is left, and reads the newest minutes first: where a new
// sandbox does not get to the end of its long look back, what ended a moment ago
// is closed all the same.
func (s *Service) endings(ctx context.Context, by time.Time) ([]Ending, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	back := by.Sub(time.Unix(s.swept.Load(), 0)) + expireBack
	back = min(max(back, expireBack), ConnectionLifetime) // before that nobody is connected any more
	minutes := int(back/time.Minute) + 1
	found, failed := make([][]Ending, minutes), make([]error, minutes)
	inParallel(minutes, expireReads, func(i int) {
		minute := by.Add(-time.Duration(i) * time.Minute)
		if found[i], failed[i] = s.connections.Endings(ctx, minute); failed[i] != nil {
			failed[i] = fmt.Errorf("read what ended at %s: %w", minute.UTC().Format(time.RFC3339), failed[i])
		}
	})
	var due []Ending
	for _, endings := range slices.Backward(found) {
		for _, e := range endings {
			if !e.EndsAt.After(by) {
				due = append(due, e)
			}
		}
	}
	slices.Reverse(failed)
	return due, errors.Join(failed...)
}

// inForbidden reports whether the connection is in a room that its token does not
// permit it to be in.
func (c Connection) inForbidden() bool {
	return slices.ContainsFunc(c.Rooms, func(m Membership) bool { return !c.Permissions.Allow(permission.Join, m.RoomID) })
}

// closeEnded closes a connection, unless it is gone, or has a token that has not
// ended by a time and permits the rooms that it is in.
func (s *Service) closeEnded(ctx context.Context, e Ending, by time.Time) (closed bool, err error) {
	c, err := s.connections.Connection(ctx, e.ConnectionID)
	switch {
	case err == nil && !c.ended(by) && c.inForbidden():
		// A refresh took a right away and did not get to the end. The client connects
		// again, and gets what its token permits.
	case errors.Is(err, ErrUnknownConnection), err == nil && !c.ended(by):
		if by.Sub(e.EndsAt) < expireStale {
			return false, nil
		}
		return false, s.connections.DropEnding(ctx, e)
	case err != nil:
		return false, err
	}
	err = s.poster.Close(ctx, c.ID)
	if errors.Is(err, ErrGone) && s.now().Sub(c.ConnectedAt) >= Youth {
		err = nil
	}
	if err != nil { // one that is young may still be on its way, and open in a moment
		return false, err
	}
	_, _, err = s.forget(ctx, c)
	return true, err
}
