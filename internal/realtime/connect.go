package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Handshake is a connection that is about to be made.
type Handshake struct {
	ConnectionID string
	// IP is the address that the client connects from.
	IP string
	// At is when the connection was made.
	At time.Time
	// Query are the parameters of the URL.
	Query map[string]string
}

// Connect stores a new connection. It needs Connections. The error, if any, is
// for the client.
func (s *Service) Connect(ctx context.Context, h Handshake) *protocol.Error {
	params, err := protocol.DecodeConnect(h.Query)
	if err == nil {
		c := Connection{
			ID: h.ConnectionID, UserID: params.UserID, IP: h.IP,
			ConnectedAt: h.At, ExpiresAt: h.At.Add(ConnectionLifetime).Truncate(time.Second),
		}
		if params.RoomID != "" {
			c.Rooms = []string{params.RoomID}
		}
		err = s.connections.Connect(ctx, c)
	}
	if err != nil {
		e := s.explain(ctx, call{action: "connect", connectionID: h.ConnectionID}, err)
		return &e
	}
	return nil
}

// Disconnect removes a connection that has ended. It needs Connections. Once
// it is done, doing it again does nothing.
func (s *Service) Disconnect(ctx context.Context, connectionID string) error {
	return s.forget(ctx, Connection{ID: connectionID})
}

// forget removes a connection everywhere. What the caller knows of it counts
// even where its own row is gone, as after a join that raced its end.
func (s *Service) forget(ctx context.Context, known Connection) error {
	c, err := s.connections.Connection(ctx, known.ID)
	switch {
	case errors.Is(err, ErrUnknownConnection) && known.UserID == "":
		return nil
	case errors.Is(err, ErrUnknownConnection):
		c = known
	case err != nil:
		return fmt.Errorf("forget connection %s: %w", known.ID, err)
	default:
		c.Rooms = union(c.Rooms, known.Rooms)
	}
	if err := s.connections.Remove(ctx, c); err != nil {
		return fmt.Errorf("forget connection %s: %w", known.ID, err)
	}
	return nil
}
