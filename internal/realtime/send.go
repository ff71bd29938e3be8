package realtime

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// SendMessage does what a sendMessage asks for; the answer is nil if the sender wants
// none. It needs Connections, Log, Sends, Rates, Poster and Queue.
func (s *Service) SendMessage(ctx context.Context, c *frames.Call, req protocol.SendMessage) (protocol.Answer, error) {
	if err := s.limits.checkBytes("message", len(req.Message)); err != nil {
		return nil, err
	}
	if err := s.hasSpent(c.ConnectionID, weight(1, len(req.Message))); err != nil {
		return nil, err
	}
	sender, roomID, err := s.sender(ctx, c.ConnectionID, req.RoomID, "sending to it", permission.Send)
	if err != nil {
		return nil, err
	}
	if err := s.spendMessages(ctx, sender, weight(1, len(req.Message))); err != nil {
		return nil, err
	}
	receipt, err := s.Publish(ctx, roomlog.Publication{
		RoomID: roomID, UserID: sender.UserID, Message: req.Message, ClientID: req.ClientID,
	})
	if err != nil || req.Quiet {
		return nil, err
	}
	return protocol.Ack{
		RoomID: roomID, Seq: receipt.Seq, ID: receipt.ID, Timestamp: receipt.Timestamp.UnixMilli(),
	}, nil
}
