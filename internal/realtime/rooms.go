package realtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Join answers the frame of a join. It needs Connections, Log and, where the
// members of a room are limited, Seats.
func (s *Service) Join(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionJoin, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, joinFrames); refused != nil {
		return refused
	}
	req, err := protocol.DecodeJoin(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	head, page, err := s.join(ctx, connectionID, req)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Joined{ClientID: req.ClientID, RoomID: req.RoomID, Members: head.Members, Page: page}
}

func (s *Service) join(ctx context.Context, connectionID string, req protocol.Join) (Head, protocol.Page, error) {
	st := Standing{Established: true, PresentUntil: presentUntil(s.now(), req.Heartbeat)}
	conn, head, err := s.joiner(ctx, connectionID, req.RoomID)
	if !conn.Permissions.Allow(permission.History, req.RoomID) {
		req.Since = nil // nothing is replayed, so there is no position to go on from
	}
	if err == nil {
		// Before the membership, which a position that is wrong does not get.
		err = checkPoint(req.Since, head)
	}
	if err != nil {
		return head, protocol.Page{}, err
	}
	if req.Since != nil {
		st.Has = req.Since.Seq
	}
	if head, err = s.enterOnTerms(ctx, conn, req.RoomID, st, head); err != nil {
		return head, protocol.Page{}, err
	}
	if req.Since == nil {
		page, err := s.start(ctx, req.RoomID, head)
		return head, page, err
	}
	if err := checkPoint(req.Since, head); err != nil {
		return head, protocol.Page{}, err
	}
	page, err := s.recover(ctx, req.RoomID, req.Since.Seq, head)
	if err != nil {
		return head, protocol.Page{}, fmt.Errorf("read what was missed in room %q: %w", req.RoomID, err)
	}
	return head, page, nil
}

// joiner returns a connection that may join a room, and the room's head. Both
// are read at the same time.
func (s *Service) joiner(ctx context.Context, connectionID, roomID string) (c Connection, head Head, err error) {
	err = atOnce(2, func(i int) (err error) {
		if i == 0 {
			c, err = s.known(ctx, connectionID)
		} else {
			head, err = s.head(ctx, roomID)
		}
		return err
	})
	if err == nil {
		err = c.permits(roomID, permission.Join)
	}
	return c, head, err
}

// checkAgain makes sure that a connection which became a member of a room may
// be one, and lists it. A refresh at the very moment, with a token that does not
// permit it, may have looked for the rooms to leave before this one was among
// them; and a leave, also of a refresh, may have come between the list and the
// membership. A member that its connection does not list would be left in no
// refresh to come.
func (s *Service) checkAgain(ctx context.Context, known Connection, m Membership) error {
	if known.EndsAt.IsZero() { // it has no token to refresh, and loses no right
		return nil
	}
	c, err := s.connections.Connection(ctx, known.ID)
	if err != nil {
		return lookupFailure(err)
	}
	refused := c.permits(m.RoomID, permission.Join)
	if refused == nil && !c.in(m.RoomID) {
		refused = protocol.Errorf(protocol.CodeNotInRoom, "the room %q was left while this connection joined it: join it again", m.RoomID)
	}
	if refused == nil {
		return nil
	}
	if err := s.connections.Leave(ctx, c.ID, m.RoomID); err != nil {
		return err
	}
	if err := s.connections.DropMember(ctx, c.ID, m); err != nil {
		return err
	}
	return refused
}

// enterTries bounds how often a member goes on to another shard because its own
// was closed at the very moment. Layouts change every few minutes at most.
const enterTries = 5

// enter makes a connection a member of a room, whose head was read a moment
// ago, and returns the head after that. After a [*protocol.Error] it is none.
//
// The head is read again after the membership is written, so that no message
// falls between the two. A sender takes a seq, which tells it the layout, and
// then reads the members. What took its seq before this read of the head is in
// the replay; the sender of what comes after it finds the member, because a
// shard that is open now is not given up without being counted after now.
func (s *Service) enter(ctx context.Context, c Connection, roomID string, st Standing, t Terms, head Head) (Head, error) {
	for range enterTries {
		m := Membership{RoomID: roomID, Shard: head.place(c.ID)}
		err := s.connections.Join(ctx, c.ID, m, st, t)
		if errors.Is(err, ErrTooManyRooms) {
			err = protocol.Errorf(protocol.CodeLimitReached,
				"roomId: this connection is in %d rooms, as many as there may be: leave one first", t.MaxRooms)
		} else if err != nil {
			err = lookupFailure(err)
		}
		if err != nil {
			return Head{}, err
		}
		if head, err = s.head(ctx, roomID); err != nil {
			return Head{}, err
		}
		if head.takes(m.Shard) {
			s.maybeCensus(ctx, roomID, head.Layout)
			return head, s.checkAgain(ctx, c, m)
		}
	}
	return Head{}, fmt.Errorf("room %q was resized %d times while a connection joined", roomID, enterTries)
}

// start returns the position from which a member without one gets messages: the
// head, when the newest seqs are settled. A message that is about to be put
// before it would be taken for an old one.
func (s *Service) start(ctx context.Context, roomID string, head Head) (protocol.Page, error) {
	if _, err := s.before(ctx, roomID, head.Seq+1, protocol.DefaultHistory, head); err != nil {
		return protocol.Page{}, fmt.Errorf("settle the head of room %q: %w", roomID, err)
	}
	return protocol.Page{Seq: head.Seq, Epoch: head.Epoch, Messages: []protocol.Message{}}, nil
}

func (s *Service) head(ctx context.Context, roomID string) (Head, error) {
	head, err := s.log.Head(ctx, roomID)
	if err != nil {
		return Head{}, fmt.Errorf("read the head of room %q: %w", roomID, err)
	}
	return head, nil
}

// Leave answers the frame of a leave. It needs Connections.
func (s *Service) Leave(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionLeave, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, 1); refused != nil {
		return refused
	}
	req, err := protocol.DecodeLeave(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	if _, err = s.knownOrNone(ctx, connectionID); err == nil {
		err = s.connections.Leave(ctx, connectionID, req.RoomID)
	}
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Left(req) // its clientId and its roomId
}

// Presence answers the frame of a presence. It needs Connections and Log.
func (s *Service) Presence(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionPresence, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, 1); refused != nil {
		return refused
	}
	req, err := protocol.DecodePresence(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	_, roomID, err := s.sender(ctx, connectionID, req.RoomID, "asking who is there", permission.Join)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	known, err := s.crowd(ctx, roomID)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Presence{ClientID: req.ClientID, RoomID: roomID, Count: known.count, Users: known.users}
}

// lookupFailure explains an unknown connection to the client, which is there to
// read it: its socket is open. Other errors stay as they are.
func lookupFailure(err error) error {
	if !errors.Is(err, ErrUnknownConnection) {
		return fmt.Errorf("look up the connection: %w", err)
	}
	return protocol.Errorf(protocol.CodeNotConnected, "the server does not know this connection any more, connect again")
}
