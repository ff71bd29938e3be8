package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Join answers the frame of a join. It needs Connections and Log.
func (s *Service) Join(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionJoin, connectionID: connectionID}
	req, err := protocol.DecodeJoin(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	page, err := s.join(ctx, connectionID, req)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	return protocol.Joined{ClientID: req.ClientID, RoomID: req.RoomID, Page: page}
}

func (s *Service) join(ctx context.Context, connectionID string, req protocol.Join) (protocol.Page, error) {
	st := Standing{Established: true, PresentUntil: presentUntil(s.now(), req.Heartbeat)}
	if req.Since != nil {
		// Before the membership, which a position that is wrong does not get.
		head, err := s.head(ctx, req.RoomID)
		if err == nil {
			err = checkPoint(req.Since, head)
		}
		if err != nil {
			return protocol.Page{}, err
		}
		st.Has = req.Since.Seq
	}
	if err := s.connections.Join(ctx, connectionID, req.RoomID, st); err != nil {
		return protocol.Page{}, lookupFailure(err)
	}
	// After the membership, so that no message falls between the two: a sender
	// appends and then reads the members. What was appended before this read
	// is in the replay; the sender of what comes after it finds the member.
	head, err := s.head(ctx, req.RoomID)
	if err != nil {
		return protocol.Page{}, err
	}
	if req.Since == nil {
		return s.start(ctx, req.RoomID, head)
	}
	if err := checkPoint(req.Since, head); err != nil {
		return protocol.Page{}, err
	}
	page, err := s.recover(ctx, req.RoomID, req.Since.Seq, head)
	if err != nil {
		return protocol.Page{}, fmt.Errorf("read what was missed in room %q: %w", req.RoomID, err)
	}
	return page, nil
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

// Presence answers the frame of a presence. It needs Connections.
func (s *Service) Presence(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionPresence, connectionID: connectionID}
	req, err := protocol.DecodePresence(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	_, roomID, err := s.sender(ctx, connectionID, req.RoomID, "asking who is there")
	if err != nil {
		return s.failure(ctx, c, err)
	}
	members, err := s.connections.Members(ctx, roomID, firstShard, 0)
	if err != nil {
		return s.failure(ctx, c, fmt.Errorf("read the members of room %q: %w", roomID, err))
	}
	users := []string{} // and not null, where nobody is present
	for _, m := range members {
		if m.PresentUntil.IsZero() || m.PresentUntil.After(s.now()) {
			users = append(users, m.UserID)
		}
	}
	slices.Sort(users)
	users = slices.Compact(users)
	return protocol.Presence{
		ClientID: req.ClientID, RoomID: roomID, Count: len(users), Users: fitting(users),
	}
}

// fitting returns as many of the names, from the first on, as a presence names
// and a frame has room for.
func fitting(users []string) []string {
	bytes := 0
	for i, user := range users {
		bytes += protocol.EncodedSize(user)
		if i == protocol.MaxPresenceUsers || bytes > pageBytes {
			return users[:i]
		}
	}
	return users
}

// sender returns a connection and the room that a frame of it is for, which
// the connection is in. before says what it has to be in the room for.
func (s *Service) sender(ctx context.Context, connectionID, roomID, before string) (Connection, string, error) {
	c, err := s.connections.Connection(ctx, connectionID)
	switch {
	case err != nil:
		return c, "", lookupFailure(err)
	case roomID == "" && len(c.Rooms) == 1:
		return c, c.Rooms[0], nil
	case roomID == "":
		return c, "", protocol.Errorf(protocol.CodeRoomRequired,
			"roomId: is missing, and this connection is in %d rooms, not one", len(c.Rooms))
	case !slices.Contains(c.Rooms, roomID):
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

// union returns the strings that are in a or b, each once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
