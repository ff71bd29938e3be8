package realtime

import (
	"context"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// known returns the connection that a frame came by, while its token counts.
// The error is for the client.
func (s *Service) known(ctx context.Context, connectionID string) (Connection, error) {
	c, err := s.connections.Connection(ctx, connectionID)
	if err != nil {
		return c, lookupFailure(err)
	}
	return c, c.current(s.now())
}

// knownOrNone is known, but for a connection of which nothing is stored it
// returns none, and no error.
func (s *Service) knownOrNone(ctx context.Context, connectionID string) (Connection, error) {
	c, err := s.connections.Connection(ctx, connectionID)
	if errors.Is(err, ErrUnknownConnection) {
		return Connection{}, nil
	}
	if err != nil {
		return c, lookupFailure(err)
	}
	return c, c.current(s.now())
}

// ended reports whether the connection's token has ended by a time.
func (c Connection) ended(by time.Time) bool {
	return !c.EndsAt.IsZero() && !c.EndsAt.After(by)
}

// current returns nil while the connection's token counts, and else the error
// for the client.
func (c Connection) current(now time.Time) error {
	if c.ended(now) {
		return protocol.Errorf(protocol.CodeTokenExpired, "the token of this connection has ended: send a refresh with a new one, then this again")
	}
	return nil
}

// doing names what needs a permission, and whom or what with.
var doing = map[permission.Action]string{
	permission.Join:    "join the room",
	permission.Send:    "send to the room",
	permission.History: "read the history of the room",
	permission.Notify:  "notify the user",
}

// permits returns nil if the connection may do all of this with a room or a
// user, and else the error for the client.
func (c Connection) permits(name string, actions ...permission.Action) error {
	for _, a := range actions {
		if !c.Permissions.Allow(a, name) {
			return protocol.Errorf(protocol.CodeForbidden, "the token does not permit to %s %q", doing[a], name)
		}
	}
	return nil
}

// sender returns a connection and the room that a frame of it is for: the
// connection is in it, and may do there what the frame needs. before says what
// it has to be in the room for.
func (s *Service) sender(ctx context.Context, connectionID, roomID, before string, needs ...permission.Action) (Connection, string, error) {
	c, err := s.known(ctx, connectionID)
	if err != nil {
		return c, "", err
	}
	roomID, err = c.room(roomID, before, needs...)
	return c, roomID, err
}

// room returns the room that a frame of the connection is for, see sender. What
// is not permitted comes first: to join would be of no use then.
func (c Connection) room(roomID, before string, needs ...permission.Action) (string, error) {
	if roomID == "" {
		if len(c.Rooms) != 1 {
			return "", protocol.Errorf(protocol.CodeRoomRequired,
				"roomId: is missing, and this connection is in %d rooms, not one", len(c.Rooms))
		}
		roomID = c.Rooms[0].RoomID
	}
	if err := c.permits(roomID, needs...); err != nil {
		return "", err
	}
	if !c.in(roomID) {
		return "", protocol.Errorf(protocol.CodeNotInRoom, "join the room %q before %s", roomID, before)
	}
	return roomID, nil
}
