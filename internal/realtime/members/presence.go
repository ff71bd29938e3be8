package members

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

const (
	// snapshotAge is how long the presence in a large room is cached: computing it
	// reads every member.
	snapshotAge = 2 * time.Second
	// maxSnapshots limits the rooms whose presence is cached.
	maxSnapshots = 1000
	// membersPerFrame is how many members that a presence reads count as a frame,
	// about two read units.
	membersPerFrame = 50
)

// Presence answers who is in a room.
type Presence struct {
	directory *Directory
	lists     Lists
	heads     roomlog.Heads
	smallRoom int
	env       base.Env
	snapshots *cache.Cache[string, presenceSnapshot]
}

// presenceSnapshot is who is present in a room.
type presenceSnapshot struct {
	count int
	users []string // some of them, sorted
	read  int      // the members that were read for it, 0 if it was cached
}

// NewPresence returns a presence. It caches who is present in rooms of more than
// smallRoom members for a moment.
func NewPresence(d *Directory, lists Lists, heads roomlog.Heads, smallRoom int, env base.Env) *Presence {
	return &Presence{
		directory: d, lists: lists, heads: heads, smallRoom: smallRoom, env: env.WithDefaults(),
		snapshots: cache.New[string, presenceSnapshot](maxSnapshots),
	}
}

// Presence answers with the users who are present in a room.
func (p *Presence) Presence(ctx context.Context, c *frames.Call, req protocol.Request) (protocol.Answer, error) {
	_, roomID, err := p.directory.InRoom(ctx, c, req.RoomID, "asking who is there")
	if err != nil {
		return nil, err
	}
	s, err := p.snapshot(ctx, roomID)
	if err != nil {
		return nil, err
	}
	c.Charge(s.read / membersPerFrame)
	return protocol.Presence{RoomID: roomID, Count: s.count, Users: s.users}, nil
}

func (p *Presence) snapshot(ctx context.Context, roomID string) (presenceSnapshot, error) {
	at := p.env.Now()
	if cached, ok := p.snapshots.Get(roomID, at); ok {
		return cached, nil
	}
	all, err := readAll(ctx, p.lists, p.heads, roomID)
	if err != nil {
		return presenceSnapshot{}, err
	}
	users := []string{} // not null if nobody is present
	for _, m := range all {
		if m.IsPresent(at) {
			users = append(users, m.UserID)
		}
	}
	slices.Sort(users)
	users = slices.Compact(users)
	s := presenceSnapshot{count: len(users), users: slices.Clip(slices.Clone(protocol.FitNames(users)))}
	if len(all) > p.smallRoom {
		p.snapshots.Put(roomID, s, at.Add(snapshotAge))
	}
	s.read = len(all)
	return s, nil
}

// IsPresent reports whether the member is within the time that its last heartbeat
// gave it. Another function wrote that time by its own clock. So a member that is
// late by no more than two clocks can differ is present: otherwise it would be left
// out for as long as these two functions live.
func (m Member) IsPresent(at time.Time) bool {
	return m.PresentUntil.IsZero() || m.PresentUntil.Add(2*base.ClockSkew).After(at)
}

// readAll returns the members of a room, of all its shards.
func readAll(ctx context.Context, lists Lists, heads roomlog.Heads, roomID string) ([]Member, error) {
	head, err := roomlog.ReadHead(ctx, heads, roomID)
	if err != nil {
		return nil, err
	}
	shards := make([][]Member, head.Count())
	err = base.ForEach(len(shards), base.CallConcurrency, func(i int) (err error) {
		shards[i], err = lists.Members(ctx, roomID, i, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	return slices.Concat(shards...), nil
}
