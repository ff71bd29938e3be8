package session

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
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

// Connector accepts connections.
type Connector struct {
	admitter *members.Admitter
	quotas   *limits.Quotas
	env      base.Env
}

// NewConnector returns a connector.
func NewConnector(a *members.Admitter, q *limits.Quotas, env base.Env) *Connector {
	return &Connector{admitter: a, quotas: q, env: env.WithDefaults()}
}

// Connect stores a new connection, if there are slots for it and, if it names a room,
// its identity permits to join it. The error, if any, is for the client.
func (s *Connector) Connect(ctx context.Context, h Handshake) *protocol.Error {
	if err := s.connect(ctx, h); err != nil {
		e := frames.Explain(ctx, s.env.Logger, "connect", h.ConnectionID, err)
		return &e
	}
	return nil
}

func (s *Connector) connect(ctx context.Context, h Handshake) error {
	params, err := protocol.DecodeConnect(h.Query)
	if err != nil {
		return err
	}
	c := members.Connection{
		ID: h.ConnectionID, UserID: h.Identity.UserID, IP: h.IP,
		ConnectedAt: h.At, ExpiresAt: h.At.Add(members.ConnectionLifetime).Truncate(time.Second),
		Permissions: h.Identity.Permissions, TokenExpiresAt: h.Identity.TokenExpiresAt,
	}
	if params.RoomID != "" {
		if err := c.Permits(params.RoomID, permission.Join); err != nil {
			return err
		}
	}
	if c.Slots, err = s.quotas.TakeAll(ctx, c.Holder(), params.RoomID); err != nil {
		return err
	}
	if err := s.admitter.Admit(ctx, c, params.RoomID); err != nil {
		s.quotas.Release(ctx, c.ID, c.Slots...)
		return err
	}
	return nil
}
