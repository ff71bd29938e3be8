package members

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// Directory looks up the connections that frames come by, and checks what they
// may do. All its errors are for the client, unless a read failed.
type Directory struct {
	connections Reader
	env         base.Env
}

// NewDirectory returns a directory of connections.
func NewDirectory(connections Reader, env base.Env) *Directory {
	return &Directory{connections: connections, env: env.WithDefaults()}
}

// Active returns a connection whose token has not expired.
func (d *Directory) Active(ctx context.Context, connectionID string) (Connection, error) {
	c, err := d.connections.Connection(ctx, connectionID)
	if err != nil {
		return c, LookupError(err)
	}
	return c, c.CheckToken(d.env.Now())
}

// ActiveOrZero is [Directory.Active], but returns the zero Connection and no error
// if nothing is stored of the connection.
func (d *Directory) ActiveOrZero(ctx context.Context, connectionID string) (Connection, error) {
	c, err := d.connections.Connection(ctx, connectionID)
	if errors.Is(err, ErrUnknownConnection) {
		return Connection{}, nil
	}
	if err != nil {
		return c, LookupError(err)
	}
	return c, c.CheckToken(d.env.Now())
}

// InRoom returns a connection and the room that one of its frames is for. The
// connection is in the room, and has the permissions there that the frame needs.
// purpose completes the sentence "join the room before ...".
func (d *Directory) InRoom(ctx context.Context, call *frames.Call, roomID, purpose string) (Connection, string, error) {
	c, err := d.Active(ctx, call.ConnectionID)
	if err != nil {
		return c, "", err
	}
	roomID, err = c.Room(roomID, purpose, call.Needs()...)
	return c, roomID, err
}

// TokenExpired reports whether the connection's token has expired by a time.
func (c Connection) TokenExpired(by time.Time) bool {
	return !c.TokenExpiresAt.IsZero() && !c.TokenExpiresAt.After(by)
}

// CheckToken returns an error for the client if the connection's token has
// expired.
func (c Connection) CheckToken(now time.Time) error {
	if c.TokenExpired(now) {
		return protocol.Errorf(protocol.CodeTokenExpired, "the token of this connection has expired: send a refresh with a new one, then send this again")
	}
	return nil
}

// purposes says what each permission is for.
var purposes = map[permission.Action]string{
	permission.Join:    "joining the room",
	permission.Send:    "sending to the room",
	permission.History: "reading the history of the room",
	permission.Notify:  "notifying the user",
}

// Permits returns nil if the connection has all of these permissions for a room or
// a user, and an error for the client otherwise.
func (c Connection) Permits(name string, needs ...permission.Action) error {
	for _, a := range needs {
		if !c.Permissions.Allow(a, name) {
			return protocol.Errorf(protocol.CodeForbidden, "the token does not permit %s %q", purposes[a], name)
		}
	}
	return nil
}

// Room returns the room that a frame of the connection is for, see
// [Directory.InRoom]. A missing permission is reported first: without it, joining
// would not help.
func (c Connection) Room(roomID, purpose string, needs ...permission.Action) (string, error) {
	if roomID == "" {
		if len(c.Rooms) != 1 {
			return "", protocol.Errorf(protocol.CodeRoomRequired,
				"roomId: is missing, and this connection is in %d rooms, not one", len(c.Rooms))
		}
		roomID = c.Rooms[0].RoomID
	}
	if err := c.Permits(roomID, needs...); err != nil {
		return "", err
	}
	if !c.In(roomID) {
		return "", protocol.Errorf(protocol.CodeNotInRoom, "join the room %q before %s", roomID, purpose)
	}
	return roomID, nil
}

// LookupError returns the error for a client whose connection could not be looked
// up. The client can read it, because its socket is open. A failed read stays an
// error of the server.
func LookupError(err error) error {
	if !errors.Is(err, ErrUnknownConnection) {
		return fmt.Errorf("look up the connection: %w", err)
	}
	return protocol.Errorf(protocol.CodeNotConnected, "the server no longer knows this connection: connect again")
}
