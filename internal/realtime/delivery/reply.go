package delivery

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
)

const (
	// refusalInterval is how often a connection gets a rate_limited error, if that takes a
	// post. The first one is enough, and a flood of refusals would take requests of the
	// account that messages need.
	refusalInterval = time.Second
	// maxRefused limits the connections whose last refusal is remembered.
	maxRefused = 10_000
)

// Replier posts answers to frames.
type Replier struct {
	poster  Sender
	env     base.Env
	refused *cache.Cache[string, struct{}] // connections that got a rate_limited error a moment ago
}

// NewReplier returns a replier.
func NewReplier(p Sender, env base.Env) *Replier {
	return &Replier{poster: p, env: env.WithDefaults(), refused: cache.New[string, struct{}](maxRefused)}
}

// Reply posts an answer to the sender of a frame, on a route that sends no
// responses: API Gateway may bill an empty response for each frame without an
// answer. A connection gets at most one rate_limited answer a second. An answer that
// cannot be posted is logged and lost.
func (r *Replier) Reply(ctx context.Context, connectionID string, answer protocol.Frame) {
	if e, ok := answer.(protocol.ErrorFrame); ok && e.Code == protocol.CodeRateLimited {
		now := r.env.Now()
		if _, recent := r.refused.Get(connectionID, now); recent {
			return
		}
		r.refused.Put(connectionID, struct{}{}, now.Add(refusalInterval))
	}
	data, err := protocol.Encode(answer)
	if err == nil {
		err = r.poster.Post(ctx, connectionID, NewPayload(data))
	}
	if err != nil {
		r.env.Logger.WarnContext(ctx, "could not answer a frame", "connectionId", connectionID, "error", err)
	}
}
