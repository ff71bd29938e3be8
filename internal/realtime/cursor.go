package realtime

import (
	"context"
	"fmt"
	"slices"

	"github.com/roomcast/roomcast/internal/protocol"
)

// CursorMove answers the frame of a cursorMove, which only a failure gets an
// answer to. It needs Connections and Poster.
func (s *Service) CursorMove(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionCursorMove, connectionID: connectionID}
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
	sender, roomID, err := s.sender(ctx, connectionID, req.RoomID, "moving a cursor in it")
	if err != nil {
		return err
	}
	members, err := s.connections.Members(ctx, roomID, firstShard, 0)
	if err != nil {
		return fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	others := slices.DeleteFunc(members, func(m Member) bool { return m.ConnectionID == connectionID })
	frame, err := protocol.Encode(protocol.Cursor{
		RoomID: roomID, UserID: sender.UserID, Position: req.Position, Color: req.Color,
		Timestamp: at.UnixMilli(),
	})
	if err != nil {
		return err
	}
	// The next move makes up for one that was lost.
	_, err = s.deliverOrQueue(ctx, delivery{frame: frame, roomID: roomID, once: true}, others)
	return err
}
