package members

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Pinger answers heartbeats.
type Pinger struct {
	directory *Directory
	store     Statuses
	heads     roomlog.Heads
	env       base.Env
}

// NewPinger returns a pinger.
func NewPinger(d *Directory, store Statuses, heads roomlog.Heads, env base.Env) *Pinger {
	return &Pinger{directory: d, store: store, heads: heads, env: env.WithDefaults()}
}

// Ping notes the status of a member in each of the rooms that it names, and answers
// with the state of those rooms.
func (p *Pinger) Ping(ctx context.Context, c *frames.Call, req protocol.Ping) (protocol.Answer, error) {
	now := p.env.Now()
	var conn Connection // which says in which shard of a room the client is
	if len(req.Rooms) > 0 {
		var err error
		if conn, err = p.directory.ActiveOrZero(ctx, c.ConnectionID); err != nil {
			return nil, err
		}
	}
	rooms := make([]protocol.RoomState, len(req.Rooms))
	err := base.ForEach(len(req.Rooms), base.CallConcurrency, func(i int) (err error) {
		at := req.Rooms[i]
		rooms[i], err = p.room(ctx, conn, at.RoomID, Status{
			AckedSeq: at.Seq, PresentUntil: presentUntil(now, req.Heartbeat),
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return protocol.Pong{Timestamp: now.UnixMilli(), Rooms: rooms}, nil
}

// room notes a member's status in a room, and returns the state of the room.
func (p *Pinger) room(ctx context.Context, c Connection, roomID string, status Status) (protocol.RoomState, error) {
	m, ok := c.Membership(roomID)
	if !ok {
		return protocol.RoomState{RoomID: roomID}, nil
	}
	err := p.store.SetStatus(ctx, c.ID, m, status)
	if errors.Is(err, ErrNotMember) {
		return protocol.RoomState{RoomID: roomID}, nil
	}
	if err != nil {
		return protocol.RoomState{}, fmt.Errorf("store the status in room %q: %w", roomID, err)
	}
	head, err := roomlog.ReadHead(ctx, p.heads, roomID)
	if err != nil {
		return protocol.RoomState{}, err
	}
	return protocol.RoomState{RoomID: roomID, Member: true, Seq: head.Seq, Epoch: head.Epoch, Members: head.Members}, nil
}

// presentUntil returns when a member counts as absent that promised a heartbeat and
// sends none. Half as long again as promised keeps a member that is a little late
// from disappearing for a moment.
func presentUntil(now time.Time, heartbeat time.Duration) time.Time {
	if heartbeat == 0 {
		return time.Time{}
	}
	return now.Add(heartbeat + heartbeat/2).Truncate(time.Second).Add(time.Second)
}
