package members

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// shardsPerReader is how many shards of a room one reader counts in sequence, so
// that counting a room of 100,000 members takes hardly longer than one of 25,000.
const shardsPerReader = 50

// Rebalancer counts the members of rooms now and then, and splits or joins their
// shards.
type Rebalancer struct {
	counts    Counts
	heads     roomlog.Heads
	layouts   Layouts
	retention roomlog.Retention
	shardSize int
	env       base.Env
}

// NewRebalancer returns a rebalancer. Shards have about shardSize members, 0 for
// [shard.DefaultSize].
func NewRebalancer(counts Counts, heads roomlog.Heads, layouts Layouts, r roomlog.Retention, shardSize int, env base.Env) *Rebalancer {
	return &Rebalancer{
		counts: counts, heads: heads, layouts: layouts, retention: r.WithDefaults(),
		shardSize: cmp.Or(shardSize, shard.DefaultSize), env: env.WithDefaults(),
	}
}

// AfterJoin rebalances a room after some joins: often enough that its open shards
// do not fill up unseen, and so seldom that a join hardly costs more.
func (r *Rebalancer) AfterJoin(ctx context.Context, roomID string, l shard.Layout) {
	if rand.N(max(len(l.OpenShards())*r.shardSize/shard.CountsPerShard, 1)) == 0 {
		r.Rebalance(ctx, roomID)
	}
}

// AfterDelivery rebalances a room after some deliveries to one of its shards, which
// had a number of members: after one message in some, or at once if there are far
// too many of them.
func (r *Rebalancer) AfterDelivery(ctx context.Context, roomID string, shards, members int) {
	if members > 2*r.shardSize || rand.N(max(shards, 1)*shard.CountsPerShard) == 0 {
		r.Rebalance(ctx, roomID)
	}
}

// Rebalance counts the members of a room, and splits it further or joins its shards
// again if they are too many or too few. It is never urgent: a failure is only
// logged.
func (r *Rebalancer) Rebalance(ctx context.Context, roomID string) {
	err := r.rebalance(ctx, roomID)
	if err != nil && !errors.Is(err, shard.ErrResized) {
		r.env.Logger.WarnContext(ctx, "could not rebalance a room, a later join or message will", "roomId", roomID, "error", err)
	}
}

func (r *Rebalancer) rebalance(ctx context.Context, roomID string) error {
	// The layout before the counts: a shard that is closed in it and has no member
	// afterwards never gets one again. A connection that was about to join there
	// reads the layout once more and goes elsewhere.
	head, err := roomlog.ReadHead(ctx, r.heads, roomID)
	if err != nil {
		return err
	}
	counts, err := r.count(ctx, roomID, head.Count())
	if err != nil {
		return fmt.Errorf("count the members of room %q: %w", roomID, err)
	}
	to := head.Resized(counts, r.shardSize)
	if head.Equal(to) && !isStale(head.Members, to.Members) && !r.isOld(head) {
		return nil
	}
	expiresAt := r.retention.HeadExpiry(r.env.Now())
	if head.ExpiresAt.After(expiresAt) { // a head that was written with a longer retention is kept for as long
		expiresAt = head.ExpiresAt
	}
	if err := r.layouts.Resize(ctx, roomID, to, expiresAt); err != nil {
		return fmt.Errorf("resize room %q: %w", roomID, err)
	}
	if !head.Equal(to) {
		r.env.Logger.InfoContext(ctx, "resized a room", "roomId", roomID,
			"members", to.Members, "shards", to.Shards, "open", len(to.Open))
	}
	return nil
}

// count returns the number of members in each shard. A few readers share the shards:
// nobody waits for it, and others use the table.
func (r *Rebalancer) count(ctx context.Context, roomID string, shards int) ([]int, error) {
	counts := make([]int, shards)
	readers := min(1+shards/shardsPerReader, base.CallConcurrency)
	err := base.ForEach(readers, readers, func(first int) (err error) {
		for i := first; i < shards && err == nil; i += readers {
			counts[i], err = r.counts.Count(ctx, roomID, i)
		}
		return err
	})
	return counts, err
}

// isStale reports whether a stored number of members is too far from the true one
// to be shown to anybody.
func isStale(stored, members int) bool {
	return max(stored-members, members-stored)*8 > members
}

// isOld reports whether a head was not written for a day. A room in which members
// come and go, but nobody sends, would lose its layout in the end.
func (r *Rebalancer) isOld(h roomlog.Head) bool {
	return h.ExpiresAt.Before(r.retention.HeadExpiry(r.env.Now()).Add(-24 * time.Hour))
}
