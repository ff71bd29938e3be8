package realtime

import (
	"context"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// SendMessage answers the frame of a sendMessage; the answer is nil when the
// sender wants none. It needs Connections, Log, Sends, Rates, Poster and Queue.
func (s *Service) SendMessage(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	c := call{action: protocol.ActionSendMessage, connectionID: connectionID}
	if refused := s.tooFast(ctx, c, body, 1); refused != nil {
		return refused
	}
	req, err := protocol.DecodeSendMessage(body)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	c.clientID = req.ClientID
	if err := s.limits.checkBytes("message", len(req.Message)); err != nil {
		return s.failure(ctx, c, err)
	}
	if err := s.hasSpent(connectionID, weight(1, len(req.Message))); err != nil {
		return s.failure(ctx, c, err)
	}
	sender, roomID, err := s.sender(ctx, connectionID, req.RoomID, "sending to it", permission.Send)
	if err != nil {
		return s.failure(ctx, c, err)
	}
	if err := s.spendMessages(ctx, sender, weight(1, len(req.Message))); err != nil {
		return s.failure(ctx, c, err)
	}
	receipt, err := s.Publish(ctx, Publication{
		RoomID: roomID, UserID: sender.UserID, Message: req.Message, ClientID: req.ClientID,
	})
	if err != nil {
		return s.failure(ctx, c, err)
	}
	if req.Quiet {
		return nil
	}
	return protocol.Ack{
		ClientID: req.ClientID, RoomID: roomID,
		Seq: receipt.Seq, ID: receipt.ID, Timestamp: receipt.Timestamp.UnixMilli(),
	}
}
