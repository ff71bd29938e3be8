package delivery

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// errForgotten is returned for a connection that was gone and has been forgotten.
var errForgotten = errors.New("the connection was gone and has been forgotten")

// isGone checks a post that was answered with ErrGone. A connection whose handshake
// may not have ended, or that exists when asked for by its id, is not gone.
func (d *Deliverer) isGone(ctx context.Context, m members.Member) bool {
	if !m.Established && d.env.Now().Sub(m.ConnectedAt) < members.HandshakeTime {
		return false
	}
	return errors.Is(d.poster.Confirm(ctx, m.ConnectionID), ErrGone)
}

// forget removes a connection that is gone and returns errForgotten. If it cannot,
// it logs that: the next post to the connection will be answered the same.
func (d *Deliverer) forget(ctx context.Context, m members.Member, at members.Membership) error {
	known := members.Connection{ID: m.ConnectionID, UserID: m.UserID}
	if at.RoomID != "" {
		known.Rooms = []members.Membership{at}
	}
	if _, _, err := members.Forget(ctx, d.connections, known); err != nil {
		d.env.Logger.WarnContext(ctx, "could not forget a connection that is gone", "error", err)
	} else {
		d.env.Logger.InfoContext(ctx, "forgot a connection that is gone", "connectionId", m.ConnectionID)
	}
	return errForgotten
}
