package realtime

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// History answers the frame of a history. It needs Connections and Log.
func (s *Service) History(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionHistory, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, historyFrames); refused != nil {
		return refused
	}
	req, err := protocol.DecodeHistory(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	_, roomID, err := s.sender(ctx, connectionID, req.RoomID, "reading its history", permission.History)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	page, err := s.history(ctx, roomID, req)
	if err != nil {
		return s.failure(ctx, c, fmt.Errorf("read the log of room %q: %w", roomID, err))
	}
	return protocol.History{ClientID: req.ClientID, RoomID: roomID, Page: page}
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
