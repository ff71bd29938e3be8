package members

import (
	"context"
	"errors"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// shardsPerFrame is how many shards of a room are searched for a stray member per
// frame that the leave counts for.
const shardsPerFrame = 4

// Leaver removes connections from rooms.
type Leaver struct {
	directory *Directory
	store     Strays
	heads     roomlog.Heads
}

// NewLeaver returns a leaver.
func NewLeaver(d *Directory, store Strays, heads roomlog.Heads) *Leaver {
	return &Leaver{directory: d, store: store, heads: heads}
}

// Leave removes a connection from a room.
func (l *Leaver) Leave(ctx context.Context, c *frames.Call, req protocol.Request) (protocol.Answer, error) {
	conn, err := l.directory.ActiveOrZero(ctx, c.ConnectionID)
	if err == nil && !conn.In(req.RoomID) {
		err = l.dropStray(ctx, c, req.RoomID)
	}
	if err == nil {
		err = l.store.Leave(ctx, c.ConnectionID, req.RoomID)
	}
	if err != nil {
		return nil, err
	}
	return protocol.Left{RoomID: req.RoomID}, nil
}

// dropStray removes a connection from the shards of a room that it does not list. A
// function that crashed during a leave may have left it in one, and nothing else
// says in which. [Leaves.Leave] takes care of shard 0. In a room of many shards the
// frame counts for several, and may be refused.
func (l *Leaver) dropStray(ctx context.Context, c *frames.Call, roomID string) error {
	head, err := roomlog.ReadHead(ctx, l.heads, roomID)
	if err != nil || head.Count() == 1 {
		return err
	}
	if err := c.Spend(head.Count() / shardsPerFrame); err != nil {
		return err
	}
	return base.ForEach(head.Count()-1, base.CallConcurrency, func(i int) error {
		m := Membership{RoomID: roomID, Shard: i + 1}
		_, err := l.store.Member(ctx, c.ConnectionID, m)
		if errors.Is(err, ErrNotMember) {
			return nil
		}
		if err == nil {
			err = l.store.DropMember(ctx, c.ConnectionID, m)
		}
		return err
	})
}
