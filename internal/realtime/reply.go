package realtime

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// replyEvery is how often a connection is told that it sends too fast, where
// that takes a post: it knows from the first, and a flood of refusals would take
// requests of the account that messages need.
const replyEvery = time.Second

// Reply posts an answer to the sender of a frame, on a route that sends no
// responses: API Gateway may bill an empty one for each frame that has no answer.
// It needs Poster. A refusal for its rate reaches a connection once a second. An
// answer that cannot be posted is logged and lost.
func (s *Service) Reply(ctx context.Context, connectionID string, answer protocol.Frame) {
	if e, ok := answer.(protocol.ErrorFrame); ok && e.Code == protocol.CodeRateLimited {
		now := s.now()
		if _, recent := s.slowed.Get(connectionID, now); recent {
			return
		}
		s.slowed.Put(connectionID, struct{}{}, now.Add(replyEvery))
	}
	frame, err := protocol.Encode(answer)
	if err == nil {
		err = s.poster.Post(ctx, connectionID, NewPayload(frame))
	}
	if err != nil {
		s.logger.WarnContext(ctx, "could not answer a frame", "connectionId", connectionID, "error", err)
	}
}
