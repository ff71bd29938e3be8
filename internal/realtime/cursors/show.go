package cursors

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

const (
	// maxInFlight limits the posts of cursors in flight. Cursors are the first that
	// the system can do without: two functions with this many make 1,600 requests a
	// second.
	maxInFlight = 8
	// cacheAge is how long the members of a room where cursors move are cached, and
	// the permissions of a user who moves one: a member who joined a moment ago sees
	// them a moment later, and a token that expired a moment ago still counts.
	cacheAge = 2 * time.Second
	// maxRooms limits the rooms that are cached.
	maxRooms = 100
)

// Display posts cursors to connections. All cursors of a function share one, because
// it limits the posts in flight.
type Display struct {
	poster delivery.Sender
	pace   *delivery.Pace
}

// NewDisplay returns a display.
func NewDisplay(p delivery.Sender) *Display {
	return &Display{poster: p, pace: delivery.NewPace(maxInFlight)}
}

// show posts cursors, once. A connection that is gone is left for the messages to
// find out. The members in instead get another payload than the others, or nothing.
func (d *Display) show(ctx context.Context, to []members.Member, p delivery.Payload, instead map[string]delivery.Payload) {
	_ = base.ForEach(len(to), maxInFlight, func(i int) error { // errors only slow the pace
		p := p
		if other, ok := instead[to[i].ConnectionID]; ok {
			p = other
		}
		if p.Data == nil {
			return nil
		}
		d.pace.Begin()
		d.pace.End(d.poster.Post(ctx, to[i].ConnectionID, p))
		return nil
	})
}

// memberCache caches who is in a room, or in one shard of it.
type memberCache struct {
	entries *cache.Cache[members.Membership, audience]
	env     base.Env
}

// audience is who is in a room, or in one shard of it.
type audience struct {
	members []members.Member
	// shards is the number of shards of the room, and size is about how many members
	// the room has. Both are 0 for a shard.
	shards, size int
}

func newMemberCache(env base.Env) memberCache {
	return memberCache{entries: cache.New[members.Membership, audience](maxRooms), env: env}
}

// get returns an audience that is not older than cacheAge, or reads it.
func (m memberCache) get(ctx context.Context, of members.Membership, read func(context.Context) (audience, error)) (audience, error) {
	at := m.env.Now()
	if cached, ok := m.entries.Get(of, at); ok {
		return cached, nil
	}
	fresh, err := read(ctx)
	if err != nil {
		return audience{}, err
	}
	m.entries.Put(of, fresh, at.Add(cacheAge))
	return fresh, nil
}
