package realtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Join answers the frame of a join. It needs Connections, Log and, where the
// members of a room are limited, Seats.
func (s *Service) Join(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionJoin, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, 1); refused != nil {
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
	head, err := s.head(ctx, req.RoomID)
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
	head, err = s.enterOnTerms(ctx, connectionID, req.RoomID, st, head)
	if err != nil {
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

// enterTries bounds how often a member goes on to another shard because its own
// was closed at the very moment. Layouts change every few minutes at most.
const enterTries = 5

// enter makes a connection a member of a room, whose head was read a moment
// ago, and returns the head after that.
//
// The head is read again after the membership is written, so that no message
// falls between the two. A sender takes a seq, which tells it the layout, and
// then reads the members. What took its seq before this read of the head is in
// the replay; the sender of what comes after it finds the member, because a
// shard that is open now is not given up without being counted after now.
func (s *Service) enter(ctx context.Context, connectionID, roomID string, st Standing, t Terms, head Head) (Head, error) {
	for range enterTries {
		m := Membership{RoomID: roomID, Shard: head.place(connectionID)}
		err := s.connections.Join(ctx, connectionID, m, st, t)
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
			return head, nil
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
	if err := s.connections.Leave(ctx, connectionID, req.RoomID); err != nil {
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
	_, roomID, err := s.sender(ctx, connectionID, req.RoomID, "asking who is there")
	if err != nil {
		return s.failure(ctx, c, err)
	}
	known, err := s.crowd(ctx, roomID)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Presence{ClientID: req.ClientID, RoomID: roomID, Count: known.count, Users: known.users}
}

// sender returns a connection and the room that a frame of it is for, which
// the connection is in. before says what it has to be in the room for.
func (s *Service) sender(ctx context.Context, connectionID, roomID, before string) (Connection, string, error) {
	c, err := s.connections.Connection(ctx, connectionID)
	switch {
	case err != nil:
		return c, "", lookupFailure(err)
	case roomID == "" && len(c.Rooms) == 1:
		return c, c.Rooms[0].RoomID, nil
	case roomID == "":
		return c, "", protocol.Errorf(protocol.CodeRoomRequired,
			"roomId: is missing, and this connection is in %d rooms, not one", len(c.Rooms))
	case !c.in(roomID):
		return c, "", protocol.Errorf(protocol.CodeNotInRoom, "join the room %q before %s", roomID, before)
	}
	return c, roomID, nil
}

// lookupFailure explains an unknown connection to the client, which is there to
// read it: its socket is open. Other errors stay as they are.
func lookupFailure(err error) error {
	if !errors.Is(err, ErrUnknownConnection) {
		return fmt.Errorf("look up the connection: %w", err)
	}
	return protocol.Errorf(protocol.CodeNotConnected, "the server does not know this connection any more, connect again")
}
