package realtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// enterTries bounds how often a member goes on to another shard because its own
// was closed at the very moment. Layouts change every few minutes at most.
const enterTries = 5

// enter makes a connection a member of a room, whose head was read a moment
// ago, and returns the head after that. After a [*protocol.Error] it is none.
func (s *Service) enter(ctx context.Context, c Connection, roomID string, st Standing, t Terms, head Head) (Head, error) {
	head, tried, err := s.enterShard(ctx, c, roomID, st, t, head)
	if len(tried) == 0 {
		return Head{}, err
	}
	// After an error as well, as far as that works: it may be a member, and
	// does not ask again for what it must not have.
	failure := s.checkAgain(ctx, c, tried, err == nil)
	if err == nil || isRefusal(failure) {
		err = failure
	}
	return head, err
}

// enterShard makes a connection a member of a room in a shard that takes
// members. tried are the memberships that it may have then: it is listed for
// the last one, and the others are of shards that were closed meanwhile.
//
// The head is read again after the membership is written, so that no message
// falls between the two. A sender takes a seq, which tells it the layout, and
// then reads the members. What took its seq before this read of the head is in
// the replay; the sender of what comes after it finds the member, because a
// shard that is open now is not given up without being counted after now.
func (s *Service) enterShard(ctx context.Context, c Connection, roomID string, st Standing, t Terms, head Head) (_ Head, tried []Membership, err error) {
	for range enterTries {
		m := Membership{RoomID: roomID, Shard: head.place(c.ID)}
		err := s.connections.Join(ctx, c.ID, m, st, t)
		if errors.Is(err, ErrTooManyRooms) {
			err = protocol.Errorf(protocol.CodeLimitReached,
				"roomId: this connection is in %d rooms, as many as there may be: leave one first", t.MaxRooms)
		} else if err != nil {
			err = lookupFailure(err)
		}
		if isRefusal(err) { // and nothing was written
			return Head{}, tried, err
		}
		tried = append(tried, m)
		if err == nil {
			head, err = s.head(ctx, roomID)
		}
		if err != nil {
			return Head{}, tried, err
		}
		if head.takes(m.Shard) {
			s.maybeCensus(ctx, roomID, head.Layout)
			return head, tried, nil
		}
	}
	return Head{}, tried, fmt.Errorf("room %q was resized %d times while a connection joined", roomID, enterTries)
}

// checkAgain makes sure that a connection which became a member of a room may
// be one, and lists it. A refresh at the very moment, with a token that does not
// permit it, may have looked for the rooms to leave before this one was among
// them; and a leave, also of a refresh, may have come between the list and the
// membership. A member that its connection does not list would be left in no
// refresh to come. entered says that it became a member for sure.
func (s *Service) checkAgain(ctx context.Context, known Connection, tried []Membership, entered bool) error {
	roomID := tried[0].RoomID
	if known.EndsAt.IsZero() { // it has no token to refresh, and loses no right
		return nil
	}
	c, err := s.connections.Connection(ctx, known.ID)
	if err != nil {
		return lookupFailure(err)
	}
	refused := c.permits(roomID, permission.Join)
	if refused == nil && entered && !c.in(roomID) {
		refused = protocol.Errorf(protocol.CodeNotInRoom, "the room %q was left while this connection joined it: join it again", roomID)
	}
	if refused == nil {
		return nil
	}
	if err := s.connections.Leave(ctx, c.ID, roomID); err != nil {
		return err
	}
	for _, m := range tried {
		if err := s.connections.DropMember(ctx, c.ID, m); err != nil {
			return err
		}
	}
	return refused
}

// isRefusal says whether an error is an answer to the client, and no failure.
func isRefusal(err error) bool {
	var refused *protocol.Error
	return errors.As(err, &refused)
}
