package session

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// recheckAfter is how long after a token brought other permissions a sweep makes sure
// that the connection is in no room that they do not permit. By then the refresh has
// ended, successfully or not.
const recheckAfter = 30 * time.Second

// Refresher gives connections newer identities.
type Refresher struct {
	connections members.Reader
	rooms       members.Leaves
	renewals    Renewals
	env         base.Env
}

// NewRefresher returns a refresher.
func NewRefresher(c members.Reader, rooms members.Leaves, r Renewals, env base.Env) *Refresher {
	return &Refresher{connections: c, rooms: rooms, renewals: r, env: env.WithDefaults()}
}

// Refresh gives a connection the identity that a newer token proves. The identity has
// to be of the same user; the token of the connection may have expired. From then on
// the connection has the permissions of the new token until that one expires. It is
// removed from the rooms that the new token does not permit.
//
// Of several refreshes the last one counts, whichever token expires first. So a client
// can give up permissions, by a token that permits less or expires earlier. It can also
// get permissions back by an older token, until that one expires: anyone holding it
// could as well connect with it.
func (r *Refresher) Refresh(ctx context.Context, connectionID string, id Identity) (protocol.Answer, error) {
	left, err := r.refresh(ctx, connectionID, id)
	if err != nil {
		return nil, err
	}
	return protocol.Refreshed{ExpiresAt: id.TokenExpiresAt.UnixMilli(), Left: protocol.FitNames(left)}, nil
}

// refresh renews a connection, and returns the rooms that it was removed from, sorted.
func (r *Refresher) refresh(ctx context.Context, connectionID string, id Identity) ([]string, error) {
	c, err := r.connections.Connection(ctx, connectionID)
	switch {
	case err != nil:
		return nil, members.LookupError(err)
	case c.UserID != id.UserID:
		return nil, protocol.Errorf(protocol.CodeBadToken, "token: belongs to another user than this connection: connect with it")
	case !id.TokenExpiresAt.After(r.env.Now()): // zero as well
		return nil, protocol.Errorf(protocol.CodeBadToken, "token: has expired: request a new one")
	}
	// The rooms first: if that fails, the old token's expiry is still in force, and the
	// connection is not in a room that the new token does not permit for as long as the
	// new one counts.
	left, err := r.leaveForbidden(ctx, c, id.Permissions)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(permission.JSON(c.Permissions), permission.JSON(id.Permissions)) {
		// If this function crashes before it has checked the rooms once more, the sweep of
		// that minute does, see [Sweeper.close].
		check := TokenExpiry{ConnectionID: c.ID, ExpiresAt: r.env.Now().Add(recheckAfter).Truncate(time.Second)}
		if err := r.renewals.AddExpiry(ctx, check); err != nil {
			return nil, err
		}
	}
	if c, err = r.renewals.Renew(ctx, connectionID, id); err != nil {
		return nil, members.LookupError(err)
	}
	// A join may have come in between.
	joined, err := r.leaveForbidden(ctx, c, c.Permissions)
	left = append(left, joined...)
	slices.Sort(left)
	return slices.Compact(left), err
}

// leaveForbidden removes a connection from the rooms that permissions do not let it
// join, and returns them.
func (r *Refresher) leaveForbidden(ctx context.Context, c members.Connection, p permission.Permissions) ([]string, error) {
	var forbidden []string
	for _, m := range c.Rooms {
		if !p.Allow(permission.Join, m.RoomID) {
			forbidden = append(forbidden, m.RoomID)
		}
	}
	return forbidden, base.ForEach(len(forbidden), base.CallConcurrency, func(i int) error {
		return r.rooms.Leave(ctx, c.ID, forbidden[i])
	})
}
