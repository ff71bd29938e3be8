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
	if len(page.Messages) > 0 {
		s.frames.charge(connectionID, historyFrames-joinFrames, s.now())
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
		err = s.mayEnter(ctx, c, roomID)
	}
	return c, head, err
}

// start returns the position from which a member without one gets messages: the
// head, once every seq up to it is settled. A message that was put below it
// later would be taken for an old one, and never reach the member.
func (s *Service) start(ctx context.Context, roomID string, head Head) (protocol.Page, error) {
	if err := s.settleTo(ctx, roomID, head); err != nil {
		return protocol.Page{}, err
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

// Leave answers the frame of a leave. It needs Connections and, where the
// connection does not list the room, Log.
func (s *Service) Leave(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionLeave, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, leaveFrames); refused != nil {
		return refused
	}
	req, err := protocol.DecodeLeave(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	conn, err := s.knownOrNone(ctx, connectionID)
	if err == nil && !conn.in(req.RoomID) {
		var refused protocol.Frame
		if refused, err = s.dropStray(ctx, c, body, req.RoomID); refused != nil {
			return refused
		}
	}
	if err == nil {
		err = s.connections.Leave(ctx, connectionID, req.RoomID)
	}
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Left(req) // its clientId and its roomId
}

// dropStray takes a connection out of the shards of a room that it does not list.
// A function that ended in the midst of a leave may have left it in one, and
// nothing else tells in which. Shard 0 is left to [Connections.Leave]. In a room of
// many shards the frame counts for several, and may be refused.
func (s *Service) dropStray(ctx context.Context, c call, body []byte, roomID string) (refused protocol.Frame, err error) {
	head, err := s.head(ctx, roomID)
	if err != nil || head.count() == 1 {
		return nil, err
	}
	if refused := s.tooFast(ctx, c, body, head.count()/strayShards); refused != nil {
		return refused, nil
	}
	return nil, atOnce(head.count()-1, func(i int) error {
		m := Membership{RoomID: roomID, Shard: i + 1}
		_, err := s.connections.Member(ctx, c.connectionID, m)
		if errors.Is(err, ErrNotMember) {
			return nil
		}
		if err == nil {
			err = s.connections.DropMember(ctx, c.connectionID, m)
		}
		return err
	})
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
	known, err := s.crowdFor(ctx, connectionID, roomID)
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
