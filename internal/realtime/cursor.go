package realtime

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// CursorMove answers the frame of a cursorMove, which only a failure gets an
// answer to. It needs Connections, Log, Poster and CursorQueue.
func (s *Service) CursorMove(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionCursorMove, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, 1); refused != nil {
		return refused
	}
	req, err := protocol.DecodeCursorMove(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	if err := s.moveCursor(ctx, connectionID, req); err != nil {
		return s.failure(ctx, c, err)
	}
	return nil
}

func (s *Service) moveCursor(ctx context.Context, connectionID string, req protocol.CursorMove) error {
	// Before the reads, which take different times: receivers go by it to
	// tell the newer of two moves.
	at := s.now()
	who, r, err := s.audience(ctx, connectionID, req.RoomID)
	if err != nil {
		return err
	}
	frame, err := protocol.Encode(protocol.Cursor{
		RoomID: who.roomID, UserID: who.userID, Position: req.Position, Color: req.Color,
		Timestamp: at.UnixMilli(),
	})
	if err != nil {
		return err
	}
	if r.shards == 1 && len(r.members) <= s.directLimit {
		s.show(ctx, r.members, NewPayload(frame), map[string]Payload{connectionID: {}})
		return nil
	}
	jobs := make([]CursorJob, r.shards)
	for shard := range jobs {
		jobs[shard] = CursorJob{
			RoomID: who.roomID, Shard: shard, ConnectionID: connectionID, At: at.UnixMilli(), Frame: string(frame),
		}
	}
	return s.cursorQueue.Enqueue(ctx, jobs...)
}

// mover is who moves a cursor, and where.
type mover struct{ userID, roomID string }

// audience returns who moves a cursor, and the members of the room, or more of
// them than are posted to at once. For somebody who moves all the time nothing
// of it is read from a table.
func (s *Service) audience(ctx context.Context, connectionID, roomID string) (mover, roster, error) {
	who, err := s.mover(ctx, connectionID, roomID)
	if err != nil {
		return mover{}, roster{}, err
	}
	r, err := s.smallRoster(ctx, who.roomID)
	return who, r, err
}

// mover returns who moves a cursor, and where. What it may do counts for a
// moment after it was read. What it may not is looked up again: it may have
// joined, or refreshed its token, since.
func (s *Service) mover(ctx context.Context, connectionID, roomID string) (mover, error) {
	at := s.now()
	c, remembered := s.movers.get(connectionID, at)
	if !remembered {
		var err error
		if c, err = s.connections.Connection(ctx, connectionID); err != nil {
			return mover{}, lookupFailure(err)
		}
		s.movers.put(connectionID, c, at.Add(rosterAge))
	}
	const before = "moving a cursor in it"
	in, err := "", c.current(at)
	if err == nil {
		in, err = c.room(roomID, before, permission.Join, permission.Send)
	}
	if err != nil && remembered {
		s.movers.forget(connectionID)
		c, in, err = s.sender(ctx, connectionID, roomID, before, permission.Join, permission.Send)
	}
	return mover{userID: c.UserID, roomID: in}, err
}

// smallRoster returns the members of a room, or more of them than are posted
// to at once.
func (s *Service) smallRoster(ctx context.Context, roomID string) (roster, error) {
	r, err := s.recentRoster(ctx, Membership{RoomID: roomID}, func(ctx context.Context) (roster, error) {
		head, err := s.head(ctx, roomID)
		if err != nil || head.count() > 1 {
			return roster{shards: head.count()}, err
		}
		members, err := s.connections.Members(ctx, roomID, firstShard, s.directLimit+1)
		return roster{members: members, shards: 1}, err
	})
	if err != nil {
		return roster{}, fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	return r, nil
}

// show posts cursors, once: the next move makes up for one that was lost, and
// a connection that is gone is left to the messages to find out. Some members
// get something else than the others, or nothing.
func (s *Service) show(ctx context.Context, members []Member, p Payload, instead map[string]Payload) {
	inParallel(len(members), maxInAir, func(i int) {
		p := p
		if other, ok := instead[members[i].ConnectionID]; ok {
			p = other
		}
		if p.Data == nil {
			return
		}
		s.queuedPace.begin()
		s.queuedPace.end(s.poster.Post(ctx, members[i].ConnectionID, p))
	})
}
