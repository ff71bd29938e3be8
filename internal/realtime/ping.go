package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// Ping does what a ping asks for. It needs Connections and Log if the ping names
// rooms.
func (s *Service) Ping(ctx context.Context, c *frames.Call, req protocol.Ping) (protocol.Answer, error) {
	now := s.now()
	var conn Connection // which says in which shard of a room the client is
	var err error
	if len(req.Rooms) > 0 {
		if conn, err = s.knownOrNone(ctx, c.ConnectionID); err != nil {
			return nil, err
		}
	}
	rooms := make([]protocol.RoomState, len(req.Rooms))
	err = base.ForEach(len(req.Rooms), base.CallConcurrency, func(i int) (err error) {
		at := req.Rooms[i]
		rooms[i], err = s.roomState(ctx, conn, at.RoomID, Standing{
			Has: at.Seq, PresentUntil: presentUntil(now, req.Heartbeat),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return protocol.Pong{Timestamp: now.UnixMilli(), Rooms: rooms}, nil
}

// roomState notes a member's standing, and tells it how the room stands.
func (s *Service) roomState(ctx context.Context, c Connection, roomID string, st Standing) (protocol.RoomState, error) {
	m, ok := c.membership(roomID)
	if !ok {
		return protocol.RoomState{RoomID: roomID}, nil
	}
	err := s.connections.Refresh(ctx, c.ID, m, st)
	if errors.Is(err, ErrNotMember) {
		return protocol.RoomState{RoomID: roomID}, nil
	}
	if err != nil {
		return protocol.RoomState{}, fmt.Errorf("refresh the membership of room %q: %w", roomID, err)
	}
	head, err := s.reader.Head(ctx, roomID)
	if err != nil {
		return protocol.RoomState{}, err
	}
	return protocol.RoomState{RoomID: roomID, Member: true, Seq: head.Seq, Epoch: head.Epoch, Members: head.Members}, nil
}

// presentUntil returns when a member counts as absent that promised a
// heartbeat and is not heard of. Half as long again as promised keeps one that
// is a little late from blinking.
func presentUntil(now time.Time, heartbeat time.Duration) time.Time {
	if heartbeat == 0 {
		return time.Time{}
	}
	return now.Add(heartbeat + heartbeat/2).Truncate(time.Second).Add(time.Second)
}
