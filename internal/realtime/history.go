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
	page, err := s.reader.History(ctx, roomID, req)
	if err != nil {
		return nil, fmt.Errorf("read the log of room %q: %w", roomID, err)
	}
	return protocol.History{RoomID: roomID, Page: page}, nil
}
