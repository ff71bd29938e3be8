package cursors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/cache"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

const (
	// maxBuckets is over how many buckets CursorPosts is spread if it is large, because
	// a single item takes no more than 1,000 writes a second.
	maxBuckets = 4
	// bucketPosts is how many posts a second a bucket is worth at least.
	bucketPosts = 250
	// refusalAge is how long a client that was refused in a room gets no further error:
	// clients move cursors twenty times a second.
	refusalAge = 10 * time.Minute
	// maxMovers limits the users who move cursors, or were refused to, that are cached.
	maxMovers = 1000
)

// refusal is a connection that was refused to move a cursor in a room, because the
// room is too large.
type refusal struct{ connectionID, roomID string }

// Mover moves the cursors of clients.
type Mover struct {
	directory   *members.Directory
	connections members.Reader
	lists       members.Lists
	heads       roomlog.Heads
	meter       *limits.Meter
	queue       Queue
	limits      limits.Limits
	directLimit int
	env         base.Env
	display     *Display
	members     memberCache
	movers      *cache.Cache[string, members.Connection]
	refusals    *cache.Cache[refusal, struct{}]
}

// Ports are what a [Mover] reads from and writes to.
type Ports struct {
	Connections members.Reader
	Lists       members.Lists
	Heads       roomlog.Heads
	Display     *Display
	Queue       Queue
}

// NewMover returns a mover. It posts directly to rooms of up to directLimit members,
// 0 for [delivery.DefaultDirectLimit].
func NewMover(p Ports, m *limits.Meter, l limits.Limits, directLimit int, env base.Env) *Mover {
	env = env.WithDefaults()
	return &Mover{
		directory: members.NewDirectory(p.Connections, env), connections: p.Connections, lists: p.Lists, heads: p.Heads,
		meter: m, queue: p.Queue, limits: l.WithDefaults(), directLimit: cmp.Or(directLimit, delivery.DefaultDirectLimit), env: env,
		display: p.Display, members: newMemberCache(env),
		movers: cache.New[string, members.Connection](maxMovers), refusals: cache.New[refusal, struct{}](maxMovers),
	}
}

// Move shows the move of a client's cursor to the other members of a room. It answers
// only with errors.
func (m *Mover) Move(ctx context.Context, c *frames.Call, req protocol.CursorMove) (protocol.Answer, error) {
	at := c.ReceivedAt // by which receivers find the newer of two moves
	userID, roomID, err := m.mover(ctx, c, req.RoomID)
	if err != nil {
		return nil, err
	}
	to, err := m.audience(ctx, roomID)
	if err != nil {
		return nil, err
	}
	if most := m.limits.CursorMembers; most > 0 && to.size > most {
		return nil, m.refuse(refusal{c.ConnectionID, roomID}, to.size)
	}
	data, err := protocol.Encode(protocol.Cursor{
		RoomID: roomID, UserID: userID, Position: req.Position, Color: req.Color,
		Timestamp: at.UnixMilli(),
	})
	if err != nil {
		return nil, err
	}
	if to.shards == 1 && len(to.members) <= m.directLimit {
		others := len(to.members) - 1
		if ok, err := m.mayPost(ctx, others); err != nil || !ok {
			return nil, err
		}
		m.display.show(ctx, to.members, delivery.NewPayload(data), map[string]delivery.Payload{c.ConnectionID: {}})
		return nil, nil
	}
	jobs := make([]Job, to.shards)
	for n := range jobs {
		jobs[n] = Job{RoomID: roomID, Shard: n, ConnectionID: c.ConnectionID, At: at.UnixMilli(), Frame: string(data)}
	}
	return nil, m.queue.Enqueue(ctx, jobs...)
}

// refuse returns the error for a move in a room that is too large, nil if the client
// got it a while ago.
func (m *Mover) refuse(who refusal, size int) error {
	now := m.env.Now()
	if _, refused := m.refusals.Get(who, now); refused {
		return nil
	}
	m.refusals.Put(who, struct{}{}, now.Add(refusalAge))
	return protocol.Errorf(protocol.CodeLimitReached,
		"cursors do not move in a room of more than %d members, and %q has about %d: send no more moves until it has fewer",
		m.limits.CursorMembers, who.roomID, size)
}

// mayPost reports whether a move may be posted to a number of members. A move over
// the limit is not shown, and not answered: the next one makes up for it.
func (m *Mover) mayPost(ctx context.Context, posts int) (bool, error) {
	rate := m.limits.CursorPosts
	if rate <= 0 || posts <= 0 {
		return posts > 0, nil
	}
	buckets := max(min(rate/bucketPosts, maxBuckets), 1)
	key := limits.BucketKey(fmt.Sprintf("CURSORS#%d", rand.N(buckets)))
	cost := time.Duration(posts) * time.Second * time.Duration(buckets) / time.Duration(rate)
	_, err := m.meter.Withdraw(ctx, key, cost, time.Second)
	switch {
	case errors.Is(err, limits.ErrRateLimited):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("count %d posts of cursors: %w", posts, err)
	}
	return true, nil
}

// mover returns who moves a cursor, and in which room. For a user who moves all the
// time it reads nothing: the permissions count for a moment after they were read. What
// they do not permit is looked up again, because the user may have joined, or
// refreshed the token, since.
func (m *Mover) mover(ctx context.Context, call *frames.Call, roomID string) (userID, room string, err error) {
	at := m.env.Now()
	c, cached := m.movers.Get(call.ConnectionID, at)
	if !cached {
		if c, err = m.connections.Connection(ctx, call.ConnectionID); err != nil {
			return "", "", members.LookupError(err)
		}
		m.movers.Put(call.ConnectionID, c, at.Add(cacheAge))
	}
	const purpose = "moving a cursor in it"
	err = c.CheckToken(at)
	if err == nil {
		room, err = c.Room(roomID, purpose, call.Needs()...)
	}
	if err != nil && cached {
		m.movers.Delete(call.ConnectionID)
		c, room, err = m.directory.InRoom(ctx, call, roomID, purpose)
	}
	return c.UserID, room, err
}

// audience returns the members of a room, or more of them than are posted to
// directly.
func (m *Mover) audience(ctx context.Context, roomID string) (audience, error) {
	to, err := m.members.get(ctx, members.Membership{RoomID: roomID}, func(ctx context.Context) (audience, error) {
		head, err := roomlog.ReadHead(ctx, m.heads, roomID)
		if err != nil || head.Count() > 1 {
			return audience{shards: head.Count(), size: head.Members}, err
		}
		most := m.directLimit
		if head.Members == 0 { // they were never counted
			most = max(most, m.limits.CursorMembers)
		}
		read, err := m.lists.Members(ctx, roomID, shard.First, most+1)
		size := len(read)
		if size > m.directLimit {
			size = max(size, head.Members)
			read = read[:m.directLimit+1]
		}
		return audience{members: read, shards: 1, size: size}, err
	})
	if err != nil {
		return audience{}, fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	return to, nil
}
