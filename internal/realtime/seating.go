package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

const (
	// fullAge is how long it counts that a holder had no free seat, so that
	// whoever comes in a storm is refused without a look.
	fullAge = time.Second
	// maxFull bounds the holders who are remembered to have none.
	maxFull = 10_000
)

// demand is a seat that a connection needs.
type demand struct {
	of    Holder
	limit int
	// refusal says to the client what there is no more of.
	refusal string
}

// demands returns the seats that a connection needs, and one in a room, if it
// names one.
func (s *Service) demands(c Connection, roomID string) []demand {
	all := []demand{
		{HolderOfIP(c.IP), s.limits.ConnectionsPerIP, "there are %d connections from this address, as many as there may be: close one"},
		{HolderOfUser(c.UserID), s.limits.ConnectionsPerUser, "you have %d connections, as many as there may be: close one"},
	}
	if roomID != "" {
		all = append(all, s.roomDemand(roomID))
	}
	var limited []demand
	for _, d := range all {
		if d.limit > 0 {
			limited = append(limited, d)
		}
	}
	return limited
}

func (s *Service) roomDemand(roomID string) demand {
	return demand{HolderOfRoom(roomID), s.limits.MembersPerRoom, "the room has %d members, as many as there may be: come back later"}
}

// seat gives a connection that is about to be made its seats, all at the same
// time, and notes them in it. It gets all of them, or none and an error.
func (s *Service) seat(ctx context.Context, c *Connection, roomID string) error {
	demands := s.demands(*c, roomID)
	for _, d := range demands { // before any is taken in vain
		if _, full := s.full.Get(d.of, s.now()); full {
			return d.refused()
		}
	}
	seats := make([]Seat, len(demands))
	err := base.ForEach(len(demands), base.CallConcurrency, func(i int) (err error) {
		seats[i], err = s.take(ctx, demands[i], *c)
		return err
	})
	for _, seat := range seats {
		if seat != (Seat{}) {
			c.Seats = append(c.Seats, seat)
		}
	}
	if err != nil {
		s.release(ctx, c.ID, c.Seats...)
		c.Seats = nil
	}
	return err
}

// take gives a connection a seat, or refuses it.
func (s *Service) take(ctx context.Context, d demand, c Connection) (Seat, error) {
	now := s.now()
	if _, full := s.full.Get(d.of, now); full {
		return Seat{}, d.refused()
	}
	seat, err := s.seats.Take(ctx, d.of, d.limit, c.ID, c.ExpiresAt)
	if errors.Is(err, ErrNoSeat) {
		s.full.Put(d.of, struct{}{}, now.Add(fullAge))
		return Seat{}, d.refused()
	}
	if err != nil {
		return Seat{}, fmt.Errorf("take a seat of %s: %w", d.of, err)
	}
	return seat, nil
}

func (d demand) refused() error {
	return protocol.Errorf(protocol.CodeLimitReached, d.refusal, d.limit)
}

// release gives seats back. One that stays taken expires with its connection.
func (s *Service) release(ctx context.Context, connectionID string, seats ...Seat) {
	err := base.ForEach(len(seats), base.CallConcurrency, func(i int) error { return s.seats.Release(ctx, seats[i], connectionID) })
	if err != nil {
		s.logger.WarnContext(ctx, "could not release a seat, it expires by itself", "connectionId", connectionID, "error", err)
	}
}

// terms returns on what terms a connection may join a room. Where the number of
// members is limited it takes a seat for it, unless the connection has one;
// taken says that it did.
func (s *Service) terms(ctx context.Context, c Connection, roomID string) (t Terms, taken bool, err error) {
	if s.limits.MembersPerRoom <= 0 {
		return t, false, nil
	}
	d := s.roomDemand(roomID)
	if seat, ok := c.seat(d.of); ok {
		t.Seat = seat
		return t, false, nil
	}
	t.Seat, err = s.take(ctx, d, c)
	return t, err == nil, err
}

// enterOnTerms is enter for a connection that has to keep to the limits.
func (s *Service) enterOnTerms(ctx context.Context, c Connection, roomID string, st Standing, head roomlog.Head) (roomlog.Head, error) {
	t, taken, err := s.terms(ctx, c, roomID)
	if err != nil {
		return roomlog.Head{}, err
	}
	head, err = s.enter(ctx, c, roomID, st, t, head)
	// After another error it may be a member, with that seat.
	if taken && isRefusal(err) {
		s.release(ctx, c.ID, t.Seat)
	}
	return head, err
}
