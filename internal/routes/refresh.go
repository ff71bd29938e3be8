package routes

import (
	"context"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Prove returns the identity that a token proves. Its error is for the client if it
// is a [*protocol.Error].
type Prove func(ctx context.Context, token string) (session.Identity, error)

// Renew gives a connection another identity.
type Renew func(ctx context.Context, connectionID string, id session.Identity) (protocol.Answer, error)

// Refresh returns what answers the route refresh. The authorizer's function serves
// it, because no other may read the secret of tokens. To check a token may be dear,
// so a connection that sends too many frames is refused first.
func Refresh(prove Prove, renew Renew) frames.Handler {
	return frames.Action[protocol.Refresh]{
		Decode: protocol.DecodeRefresh, Cost: refreshCost,
		Do: func(ctx context.Context, c *frames.Call, req protocol.Refresh) (protocol.Answer, error) {
			id, err := prove(ctx, req.Token)
			if err != nil {
				return nil, err
			}
			return renew(ctx, c.ConnectionID, id)
		},
	}
}
