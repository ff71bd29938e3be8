package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// firstLook is how long a $disconnect waits for a $connect that has not ended: this
	// long at first, and twice as long each further time.
	firstLook = 250 * time.Millisecond
	// lastLook is the longest that it waits at a time. All looks take 7.75 s.
	lastLook = 4 * time.Second
	// storing is how long after a connection was made the function behind $connect may
	// still be storing it.
	storing = 10 * time.Second
)

// Disconnector removes connections that have ended.
type Disconnector struct {
	connections members.Connections
	env         base.Env
}

// NewDisconnector returns a disconnector.
func NewDisconnector(c members.Connections, env base.Env) *Disconnector {
	return &Disconnector{connections: c, env: env.WithDefaults()}
}

// Disconnect removes a connection that was made at a time and has ended. Once it is
// done, doing it again does nothing.
//
// A client may be gone before the function behind $connect has stored it, and API
// Gateway may call $disconnect then. So a young connection of which nothing is stored
// is looked up again for a while. One of which something is stored is removed twice,
// if it was made less than 10 seconds ago.
func (d *Disconnector) Disconnect(ctx context.Context, connectionID string, connectedAt time.Time) error {
	c, found, err := members.Forget(ctx, d.connections, members.Connection{ID: connectionID})
	age := d.env.Now().Sub(connectedAt)
	switch {
	case err != nil:
		return err
	case found && age < storing:
		return d.removeAgain(ctx, c)
	case found || age >= members.HandshakeTime:
		return nil
	}
	for wait := firstLook; wait <= lastLook; wait *= 2 {
		if err := retry.Sleep(ctx, wait); err != nil {
			return err
		}
		c, err := d.connections.Connection(ctx, connectionID)
		if errors.Is(err, members.ErrUnknownConnection) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for connection %s, which ended as it was made: %w", connectionID, err)
		}
		if err := d.connections.Remove(ctx, c); err != nil {
			return err
		}
		return d.removeAgain(ctx, c)
	}
	return nil
}

// removeAgain removes once more what was removed while it was being stored: the rows
// are not stored all at once, and some may have come just now.
func (d *Disconnector) removeAgain(ctx context.Context, c members.Connection) error {
	if err := retry.Sleep(ctx, firstLook); err != nil {
		return err
	}
	return d.connections.Remove(ctx, c)
}
