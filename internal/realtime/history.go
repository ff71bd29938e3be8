package realtime

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// History does what a history asks for. It needs Connections and Log.
func (s *Service) History(ctx context.Context, c *frames.Call, req protocol.HistoryRequest) (protocol.Answer, error) {
	_, roomID, err := s.sender(ctx, c.ConnectionID, req.RoomID, "reading its history", permission.History)
	if err != nil {
		return nil, err
	}
	page, err := s.history(ctx, roomID, req)
	if err != nil {
		return nil, fmt.Errorf("read the log of room %q: %w", roomID, err)
	}
	return protocol.History{RoomID: roomID, Page: page}, nil
}

func (s *Service) history(ctx context.Context, roomID string, req protocol.HistoryRequest) (protocol.Page, error) {
	head, err := s.head(ctx, roomID)
	if err != nil {
		return protocol.Page{}, err
	}
	if err := checkPoint(req.Since, head); err != nil {
		return protocol.Page{}, err
	}
	if req.Since != nil {
		return s.recover(ctx, roomID, req.Since.Seq, head)
	}
	before := req.Before
	if before == 0 {
		before = head.Seq + 1
	}
	return s.before(ctx, roomID, before, req.Limit, head)
}
