package realtime

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// recheckAfter is how long after a token brought other rights a sweep makes sure
// that the connection is in no room that they do not permit. By then the refresh
// has ended, one way or the other.
const recheckAfter = 30 * time.Second

// RefreshToken gives a connection the identity that a newer token proves. It needs
// Connections. The connection has to be of the same user; its token may have ended.
// From then on the connection may do what the new token permits, as long as that one
// counts, and it is taken out of the rooms that the new token does not permit.
//
// Of several refreshes the last one counts, whichever token ends first. So a
// client can give up rights, by a token that permits less or ends earlier. It
// can also get rights back by an older token, as long as that one counts: anyone
// who holds it could as well connect with it.
func (s *Service) RefreshToken(ctx context.Context, connectionID string, id Identity) (protocol.Answer, error) {
	left, err := s.refreshToken(ctx, connectionID, id)
	if err != nil {
		return nil, err
	}
	return protocol.Refreshed{ExpiresAt: id.EndsAt.UnixMilli(), Left: fitting(left)}, nil
}

// refreshToken renews a connection, and returns the rooms that it was taken out
// of, in order.
func (s *Service) refreshToken(ctx context.Context, connectionID string, id Identity) ([]string, error) {
	c, err := s.connections.Connection(ctx, connectionID)
	switch {
	case err != nil:
		return nil, lookupFailure(err)
	case c.UserID != id.UserID:
		return nil, protocol.Errorf(protocol.CodeBadToken, "token: is of another user than this connection, connect with it")
	case !id.EndsAt.After(s.now()): // zero as well
		return nil, protocol.Errorf(protocol.CodeBadToken, "token: has ended, ask for a new one")
	}
	// The rooms first: when that fails the old token's end is still in force,
	// and the connection is not in a room for as long as the new one counts
	// that this does not permit.
	left, err := s.leaveForbidden(ctx, c, id.Permissions)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(permission.JSON(c.Permissions), permission.JSON(id.Permissions)) {
		// Should this function end before it has looked at the rooms once more, the
		// sweep of that minute does, see closeEnded.
		check := Ending{ConnectionID: c.ID, EndsAt: s.now().Add(recheckAfter).Truncate(time.Second)}
		if err := s.connections.NoteEnding(ctx, check); err != nil {
			return nil, err
		}
	}
	if c, err = s.connections.Renew(ctx, connectionID, id); err != nil {
		return nil, lookupFailure(err)
	}
	// A join may have come in between.
	joined, err := s.leaveForbidden(ctx, c, c.Permissions)
	left = append(left, joined...)
	slices.Sort(left)
	return slices.Compact(left), err
}

// leaveForbidden takes a connection out of the rooms that permissions do not
// let it join, and returns them.
func (s *Service) leaveForbidden(ctx context.Context, c Connection, may permission.Permissions) ([]string, error) {
	var forbidden []string
	for _, m := range c.Rooms {
		if !may.Allow(permission.Join, m.RoomID) {
			forbidden = append(forbidden, m.RoomID)
		}
	}
	return forbidden, base.ForEach(len(forbidden), base.CallConcurrency, func(i int) error { return s.connections.Leave(ctx, c.ID, forbidden[i]) })
}
