package realtime

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Ping answers the frame of a ping. It needs no part.
func (s *Service) Ping(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	req, err := protocol.DecodePing(body)
	if err != nil {
		return s.failure(ctx, call{action: protocol.ActionPing, connectionID: connectionID}, err)
	}
	return protocol.Pong{ClientID: req.ClientID, Timestamp: s.now().UnixMilli()}
}

// Fallback answers a frame that no route takes. It needs no part.
func (s *Service) Fallback(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return s.failure(ctx, call{action: "fallback", connectionID: connectionID}, protocol.DecodeUnknown(body))
}
