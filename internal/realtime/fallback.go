package realtime

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Fallback answers a frame that no route takes, with the actions that there are.
// It needs no part.
func (s *Service) Fallback(ctx context.Context, connectionID string, body []byte) protocol.Frame {
	return s.failure(ctx, call{action: "fallback", connectionID: connectionID}, protocol.DecodeUnknown(body, s.ownActions...))
}
