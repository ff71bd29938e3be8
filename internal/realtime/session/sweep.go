package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

const (
	// lookBack is how far a sweep looks back beyond the last one that left nothing
	// undone, for token expiries that were added late.
	lookBack = 4 * time.Minute
	// lookAhead is how far it looks ahead. There is a sweep every minute, and it takes a
	// moment: with this no connection is open for more than a minute after its token
	// expired.
	lookAhead = 5 * time.Second
	// staleAfter is how long after its time a token expiry is kept that is out of date. A
	// refresh that was under way at that time may add it again.
	staleAfter = time.Minute
	// readConcurrency limits the reads of a sweep at the same time. The first sweep of a
	// sandbox looks back two hours, which takes some 2,000 of them: nobody waits for
	// those, but everybody's messages would wait behind them if the tables are on a small
	// machine.
	readConcurrency = 2
	// closeConcurrency limits the connections that are closed at the same time. The calls
	// count towards the same quota as the posts, which go first.
	closeConcurrency = 25
)

// Sweeper closes the connections whose token has expired.
type Sweeper struct {
	connections members.Connections
	expiries    Expiries
	closer      Closer
	env         base.Env
	swept       atomic.Int64 // s since 1970 by which every token expiry is dealt with, 0 if that is not known
}

// NewSweeper returns a sweeper.
func NewSweeper(c members.Connections, e Expiries, closer Closer, env base.Env) *Sweeper {
	return &Sweeper{connections: c, expiries: e, closer: closer, env: env.WithDefaults()}
}

// Sweep closes the connections whose token has expired, and forgets them. Call it
// every minute. It returns how many it closed. What could not be done is left to the
// next call: a connection that fails is logged, and an error says that there may be
// connections that it did not learn of. A sweeper that has not yet completed a call
// looks as far back as there are connections, so none stays open because there were no
// calls for a while. Calls may overlap.
//
// A connection that has sent a refresh meanwhile is spared. A refresh that comes while
// its connection is being closed is too late.
func (s *Sweeper) Sweep(ctx context.Context) (closed int, err error) {
	ctx, cancel := base.WithMargin(ctx)
	defer cancel()
	by := s.env.Now().Add(lookAhead)
	due, err := s.due(ctx, by)
	var count, failures atomic.Int64
	_ = base.ForEach(len(due), closeConcurrency, func(i int) error { // failures are logged
		if ctx.Err() != nil {
			return nil
		}
		ok, err := s.close(ctx, due[i], by)
		if err != nil {
			failures.Add(1)
			s.env.Logger.WarnContext(ctx, "could not close a connection whose token has expired, the next minute will",
				"connectionId", due[i].ConnectionID, "error", err)
		}
		if ok {
			count.Add(1)
		}
		return nil
	})
	if count.Load() > 0 {
		s.env.Logger.InfoContext(ctx, "closed connections whose token has expired", "connections", count.Load())
	}
	if err = errors.Join(err, ctx.Err()); err == nil && failures.Load() == 0 {
		s.swept.Store(by.Unix())
	}
	return int(count.Load()), err
}

// due returns the token expiries up to a time that are not known to be dealt with, the
// oldest minute first. With an error, there may be more. It takes no more than half of
// the time that is left, and reads the newest minutes first: if a new sandbox does not
// get to the end of its long look back, connections whose token has just expired are
// closed all the same.
func (s *Sweeper) due(ctx context.Context, by time.Time) ([]TokenExpiry, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	back := by.Sub(time.Unix(s.swept.Load(), 0)) + lookBack
	back = min(max(back, lookBack), members.ConnectionLifetime) // no older connection is open
	minutes := int(back/time.Minute) + 1
	found, failed := make([][]TokenExpiry, minutes), make([]error, minutes)
	_ = base.ForEach(minutes, readConcurrency, func(i int) error { // errors are joined below
		minute := by.Add(-time.Duration(i) * time.Minute)
		if found[i], failed[i] = s.expiries.ListExpiries(ctx, minute); failed[i] != nil {
			failed[i] = fmt.Errorf("read the tokens that expired at %s: %w", minute.UTC().Format(time.RFC3339), failed[i])
		}
		return nil
	})
	var due []TokenExpiry
	for _, expiries := range slices.Backward(found) {
		for _, e := range expiries {
			if !e.ExpiresAt.After(by) {
				due = append(due, e)
			}
		}
	}
	slices.Reverse(failed)
	return due, errors.Join(failed...)
}

// inForbidden reports whether a connection is in a room that its token does not permit.
func inForbidden(c members.Connection) bool {
	return slices.ContainsFunc(c.Rooms, func(m members.Membership) bool { return !c.Permissions.Allow(permission.Join, m.RoomID) })
}

// close closes a connection, unless it is gone, or has a token that has not expired by
// a time and permits the rooms that it is in.
func (s *Sweeper) close(ctx context.Context, e TokenExpiry, by time.Time) (closed bool, err error) {
	c, err := s.connections.Connection(ctx, e.ConnectionID)
	switch {
	case err == nil && !c.TokenExpired(by) && inForbidden(c):
		// A refresh removed a permission and did not complete. The client connects again,
		// and gets what its token permits.
	case errors.Is(err, members.ErrUnknownConnection), err == nil && !c.TokenExpired(by):
		if by.Sub(e.ExpiresAt) < staleAfter {
			return false, nil
		}
		return false, s.expiries.DropExpiry(ctx, e)
	case err != nil:
		return false, err
	}
	err = s.closer.Close(ctx, c.ID)
	if errors.Is(err, delivery.ErrGone) && s.env.Now().Sub(c.ConnectedAt) >= members.HandshakeTime {
		err = nil
	}
	if err != nil { // a young connection may still be in its handshake, and open in a moment
		return false, err
	}
	_, _, err = members.Forget(ctx, s.connections, c)
	return true, err
}
