package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/retry"
)

// Handshake is a connection that is about to be made.
type Handshake struct {
	// Identity is who the client has proved to be, or claims to be.
	Identity     Identity
	ConnectionID string
	// IP is the address that the client connects from.
	IP string
	// At is when the connection was made.
	At time.Time
	// Query are the parameters of the URL.
	Query map[string]string
}

// Connect stores a new connection, if there is a seat for it. It needs
// Connections and Seats, and Log for one that names a room, which its identity
// has to permit to join. The error, if any, is for the client.
func (s *Service) Connect(ctx context.Context, h Handshake) *protocol.Error {
	params, err := protocol.DecodeConnect(h.Query)
	c := Connection{
		ID: h.ConnectionID, UserID: h.Identity.UserID, IP: h.IP,
		ConnectedAt: h.At, ExpiresAt: h.At.Add(ConnectionLifetime).Truncate(time.Second),
		Permissions: h.Identity.Permissions, EndsAt: h.Identity.EndsAt,
	}
	if err == nil && params.RoomID != "" {
		err = c.permits(params.RoomID, permission.Join)
	}
	if err == nil {
		if err = s.seat(ctx, &c, params.RoomID); err == nil {
			if err = s.admit(ctx, c, params.RoomID); err != nil {
				s.release(ctx, c.ID, c.Seats...)
			}
		}
	}
	if err != nil {
		e := frames.Explain(ctx, s.logger, "connect", h.ConnectionID, err)
		return &e
	}
	return nil
}

// admit stores a connection, and its membership of a room if it names one.
func (s *Service) admit(ctx context.Context, c Connection, roomID string) error {
	if roomID == "" {
		return s.store(ctx, c)
	}
	head, err := s.reader.Head(ctx, roomID)
	if err != nil {
		return err
	}
	m := Membership{RoomID: roomID, Shard: head.Place(c.ID)}
	c.Rooms = []Membership{m}
	if err := s.store(ctx, c); err != nil {
		return err
	}
	// As for a join, see enter. This hardly ever happens, so the client may
	// just as well connect again.
	if head, err = s.reader.Head(ctx, roomID); err == nil && !head.Takes(m.Shard) {
		err = fmt.Errorf("shard %d of room %q was closed meanwhile", m.Shard, roomID)
	}
	if err != nil {
		return errors.Join(err, s.connections.Remove(ctx, c))
	}
	return nil
}

// store stores a connection. After an error some of its rows may be there, and
// there is never going to be a $disconnect: so they are removed.
func (s *Service) store(ctx context.Context, c Connection) error {
	err := s.connections.Connect(ctx, c)
	if err == nil {
		return nil
	}
	removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	return errors.Join(err, s.connections.Remove(removing, c))
}

const (
	// cleanupTime is how long a function goes on to remove what it failed to store.
	cleanupTime = 2 * time.Second
	// firstLook is how long a $disconnect waits for a $connect that has not ended:
	// so long at first, and twice as long each further time.
	firstLook = 250 * time.Millisecond
	// lastLook is the longest it waits at a time. All looks take 7.75 s.
	lastLook = 4 * time.Second
	// making is how long after a connection was made the function behind $connect
	// may still be storing it.
	making = 10 * time.Second
)

// Disconnect removes a connection that was made at a time and has ended. It needs
// Connections. Once it is done, doing it again does nothing.
//
// A client may be gone before the function behind $connect has stored it, and
// API Gateway may call $disconnect then. So a connection that is young, and of
// which nothing is stored, is looked up again for a while. One of which something
// is stored is removed twice if it is as young as making.
func (s *Service) Disconnect(ctx context.Context, connectionID string, connectedAt time.Time) error {
	c, found, err := s.forget(ctx, Connection{ID: connectionID})
	age := s.now().Sub(connectedAt)
	switch {
	case err != nil:
		return err
	case found && age < making:
		return s.removeAgain(ctx, c)
	case found || age >= Youth:
		return nil
	}
	for wait := firstLook; wait <= lastLook; wait *= 2 {
		if err := retry.Sleep(ctx, wait); err != nil {
			return err
		}
		c, err := s.connections.Connection(ctx, connectionID)
		if errors.Is(err, ErrUnknownConnection) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for connection %s, which ended as it was made: %w", connectionID, err)
		}
		if err := s.connections.Remove(ctx, c); err != nil {
			return err
		}
		return s.removeAgain(ctx, c)
	}
	return nil
}

// removeAgain removes once more what was removed while it was being stored: its
// rows are not stored at one moment, and some may have come just now.
func (s *Service) removeAgain(ctx context.Context, c Connection) error {
	if err := retry.Sleep(ctx, firstLook); err != nil {
		return err
	}
	return s.connections.Remove(ctx, c)
}

// forget removes a connection everywhere, and returns what was removed, if anything
// was known of it. What the caller knows of it counts even where its own row is
// gone, as after a join that raced its end.
func (s *Service) forget(ctx context.Context, known Connection) (c Connection, found bool, err error) {
	c, err = s.connections.Connection(ctx, known.ID)
	switch {
	case errors.Is(err, ErrUnknownConnection) && known.UserID == "":
		return Connection{}, false, nil
	case errors.Is(err, ErrUnknownConnection):
		c = known
	case err != nil:
		return Connection{}, false, fmt.Errorf("forget connection %s: %w", known.ID, err)
	default:
		for _, m := range known.Rooms {
			if !slices.Contains(c.Rooms, m) {
				c.Rooms = append(c.Rooms, m)
			}
		}
	}
	if err := s.connections.Remove(ctx, c); err != nil {
		return Connection{}, false, fmt.Errorf("forget connection %s: %w", known.ID, err)
	}
	return c, true, nil
}
