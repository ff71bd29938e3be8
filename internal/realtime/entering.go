package realtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// enterTries bounds how often a member goes on to another shard because its own
// was closed at the very moment, or is judged again because it got another token.
// Both happen every few minutes at most.
const enterTries = 5

// enter makes a connection a member of a room, whose head was read a moment
// ago, in a shard that takes members, and returns the head after that. After a
// [*protocol.Error] it is none.
//
// The head is read again after the membership is written, so that no message
// falls between the two. A sender takes a seq, which tells it the layout, and
// then reads the members. What took its seq before this read of the head is in
// the replay; the sender of what comes after it finds the member, because a
// shard that is open now is not given up without being counted after now.
//
// The membership has the condition that the connection's rights are those by
// which it was judged. So a refresh at the very moment either comes first, and
// the join is judged again; or it finds the room listed, and leaves it.
func (s *Service) enter(ctx context.Context, c Connection, roomID string, st Standing, t Terms, head roomlog.Head) (roomlog.Head, error) {
	for range enterTries {
		m := Membership{RoomID: roomID, Shard: head.Place(c.ID)}
		t.Judged = &c.Permissions
		t.MaxRooms = s.mostRooms(c, roomID)
		err := s.connections.Join(ctx, c.ID, m, st, t)
		switch {
		case errors.Is(err, ErrRightsChanged), errors.Is(err, ErrTooManyRooms), errors.Is(err, ErrLeftMeanwhile):
			left := errors.Is(err, ErrLeftMeanwhile)
			if c, err = s.known(ctx, c.ID); err == nil {
				err = s.mayEnter(ctx, c, roomID)
			}
			if err == nil && left {
				err = protocol.Errorf(protocol.CodeNotInRoom, "the room %q was left while this connection joined it: join it again", roomID)
			}
			if err != nil {
				return roomlog.Head{}, err
			}
			continue
		case err != nil:
			return roomlog.Head{}, lookupFailure(err)
		}
		if head, err = s.reader.Head(ctx, roomID); err != nil {
			return roomlog.Head{}, err
		}
		if head.Takes(m.Shard) {
			s.maybeCensus(ctx, roomID, head.Layout)
			return head, nil
		}
	}
	return roomlog.Head{}, fmt.Errorf("room %q was resized %d times while a connection joined", roomID, enterTries)
}

// mayEnter returns nil if a connection may join a room, and else the error for
// the client. A room that its token does not permit any more, and that it is in
// all the same, it is taken out of.
func (s *Service) mayEnter(ctx context.Context, c Connection, roomID string) error {
	if err := c.permits(roomID, permission.Join); err != nil {
		if c.in(roomID) {
			err = errors.Join(err, s.connections.Leave(ctx, c.ID, roomID))
		}
		return err
	}
	if c.in(roomID) {
		return nil
	}
	if most := s.limits.RoomsPerConnection; most > 0 && len(c.Rooms) >= most {
		return protocol.Errorf(protocol.CodeLimitReached,
			"roomId: this connection is in %d rooms, as many as there may be: leave one first", most)
	}
	if used, most := roomBytes(c), s.limits.roomBytes(); used+len(roomID) > most {
		return protocol.Errorf(protocol.CodeLimitReached,
			"roomId: the names of the rooms that this connection is in take %d bytes, and this one %d more, of %d in all: leave one first, or use shorter names",
			used, len(roomID), most)
	}
	return nil
}

// maxNameBytes is the most bytes of a room's name in UTF-8.
const maxNameBytes = 4 * protocol.MaxName

// roomBytes returns how many bytes the names take of the rooms that a connection
// is in.
func roomBytes(c Connection) int {
	bytes := 0
	for _, m := range c.Rooms {
		bytes += len(m.RoomID)
	}
	return bytes
}

// mostRooms returns how many rooms a connection may be in after it joined one,
// 0 for any number. Others that it joins at the same time may have the longest
// names there are, so close to the bound of bytes it is as many as fit for sure.
func (s *Service) mostRooms(c Connection, roomID string) int {
	rooms := len(c.Rooms) + 1
	if c.in(roomID) {
		rooms = len(c.Rooms)
	}
	fit := rooms + max(s.limits.roomBytes()-roomBytes(c)-len(roomID), 0)/maxNameBytes
	if s.limits.RoomsPerConnection > 0 {
		fit = min(fit, s.limits.RoomsPerConnection)
	}
	return fit
}

// isRefusal says whether an error is an answer to the client, and no failure.
func isRefusal(err error) bool {
	var refused *protocol.Error
	return errors.As(err, &refused)
}
