package members

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// cleanupTime is how long a function goes on to remove what it failed to store.
const cleanupTime = 2 * time.Second

// Admitter stores new connections. It is the join of a connection that names a
// room in its handshake.
type Admitter struct {
	store Admissions
	heads roomlog.Heads
}

// NewAdmitter returns an admitter.
func NewAdmitter(store Admissions, heads roomlog.Heads) *Admitter {
	return &Admitter{store: store, heads: heads}
}

// Admit stores a connection, and its membership of a room unless roomID is "".
func (a *Admitter) Admit(ctx context.Context, c Connection, roomID string) error {
	if roomID == "" {
		return a.connect(ctx, c)
	}
	head, err := roomlog.ReadHead(ctx, a.heads, roomID)
	if err != nil {
		return err
	}
	m := Membership{RoomID: roomID, Shard: head.Place(c.ID)}
	c.Rooms = []Membership{m}
	if err := a.connect(ctx, c); err != nil {
		return err
	}
	// The head is read again for the reason that a join does, see
	// [Joiner.addToShard]. It hardly ever matters, so the client may just as well
	// connect again.
	if head, err = roomlog.ReadHead(ctx, a.heads, roomID); err == nil && !head.Takes(m.Shard) {
		err = fmt.Errorf("shard %d of room %q was closed meanwhile", m.Shard, roomID)
	}
	if err != nil {
		return errors.Join(err, a.store.Remove(ctx, c))
	}
	return nil
}

// connect stores a connection. After an error some of its rows may be there, and
// there will never be a $disconnect: so it removes them.
func (a *Admitter) connect(ctx context.Context, c Connection) error {
	err := a.store.Connect(ctx, c)
	if err == nil {
		return nil
	}
	removing, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	return errors.Join(err, a.store.Remove(removing, c))
}
