package realtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// replayFrames is how many frames a join counts for that is answered with messages,
// beside what it counts for in any case: together as many as a history.
const replayFrames = 3

// Join does what a join asks for. It needs Connections, Log and, if the members of a
// room are limited, Seats.
func (s *Service) Join(ctx context.Context, c *frames.Call, req protocol.Join) (protocol.Answer, error) {
	head, page, err := s.join(ctx, c.ConnectionID, req)
	if err != nil {
		return nil, err
	}
	if len(page.Messages) > 0 {
		c.Charge(replayFrames)
	}
	return protocol.Joined{RoomID: req.RoomID, Members: head.Members, Page: page}, nil
}

func (s *Service) join(ctx context.Context, connectionID string, req protocol.Join) (roomlog.Head, protocol.Page, error) {
	st := Standing{Established: true, PresentUntil: presentUntil(s.now(), req.Heartbeat)}
	conn, head, err := s.joiner(ctx, connectionID, req.RoomID)
	if !conn.Permissions.Allow(permission.History, req.RoomID) {
		req.Since = nil // nothing is replayed, so there is no position to go on from
	}
	if err == nil {
		// Before the membership, which a position that is wrong does not get.
		err = roomlog.CheckPosition(req.Since, head)
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
		page, err := s.reader.Start(ctx, req.RoomID, head)
		return head, page, err
	}
	if err := roomlog.CheckPosition(req.Since, head); err != nil {
		return head, protocol.Page{}, err
	}
	page, err := s.reader.Recover(ctx, req.RoomID, req.Since.Seq, head)
	if err != nil {
		return head, protocol.Page{}, fmt.Errorf("read what was missed in room %q: %w", req.RoomID, err)
	}
	return head, page, nil
}

// joiner returns a connection that may join a room, and the room's head. Both
// are read at the same time.
func (s *Service) joiner(ctx context.Context, connectionID, roomID string) (c Connection, head roomlog.Head, err error) {
	err = base.ForEach(2, base.CallConcurrency, func(i int) (err error) {
		if i == 0 {
			c, err = s.known(ctx, connectionID)
		} else {
			head, err = s.reader.Head(ctx, roomID)
		}
		return err
	})
	if err == nil {
		err = s.mayEnter(ctx, c, roomID)
	}
	return c, head, err
}

// Leave does what a leave asks for. It needs Connections and, if the connection does
// not list the room, Log.
func (s *Service) Leave(ctx context.Context, c *frames.Call, req protocol.Request) (protocol.Answer, error) {
	conn, err := s.knownOrNone(ctx, c.ConnectionID)
	if err == nil && !conn.in(req.RoomID) {
		err = s.dropStray(ctx, c, req.RoomID)
	}
	if err == nil {
		err = s.connections.Leave(ctx, c.ConnectionID, req.RoomID)
	}
	if err != nil {
		return nil, err
	}
	return protocol.Left{RoomID: req.RoomID}, nil
}

// strayShards is how many shards of a room dropStray looks through for a frame.
const strayShards = 4

// dropStray takes a connection out of the shards of a room that it does not list.
// A function that ended during a leave may have left it in one, and nothing else
// says in which. [Connections.Leave] takes care of shard 0. In a room of many
// shards the frame counts for several, and may be refused.
func (s *Service) dropStray(ctx context.Context, c *frames.Call, roomID string) error {
	head, err := s.reader.Head(ctx, roomID)
	if err != nil || head.Count() == 1 {
		return err
	}
	if err := c.Spend(head.Count() / strayShards); err != nil {
		return err
	}
	return base.ForEach(head.Count()-1, base.CallConcurrency, func(i int) error {
		m := Membership{RoomID: roomID, Shard: i + 1}
		_, err := s.connections.Member(ctx, c.ConnectionID, m)
		if errors.Is(err, ErrNotMember) {
			return nil
		}
		if err == nil {
			err = s.connections.DropMember(ctx, c.ConnectionID, m)
		}
		return err
	})
}

// Presence does what a presence asks for. It needs Connections and Log.
func (s *Service) Presence(ctx context.Context, c *frames.Call, req protocol.Request) (protocol.Answer, error) {
	_, roomID, err := s.sender(ctx, c.ConnectionID, req.RoomID, "asking who is there", permission.Join)
	if err != nil {
		return nil, err
	}
	known, err := s.crowd(ctx, roomID)
	if err != nil {
		return nil, err
	}
	c.Charge(known.read / presenceMembers)
	return protocol.Presence{RoomID: roomID, Count: known.count, Users: known.users}, nil
}

// lookupFailure explains an unknown connection to the client, which is there to
// read it: its socket is open. Other errors stay as they are.
func lookupFailure(err error) error {
	if !errors.Is(err, ErrUnknownConnection) {
		return fmt.Errorf("look up the connection: %w", err)
	}
	return protocol.Errorf(protocol.CodeNotConnected, "the server does not know this connection any more, connect again")
}
