package realtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// shardsEach is how many shards of a room a census reads one after the other,
// so that one of 100,000 members takes hardly longer than one of 25,000.
const shardsEach = 50

// maybeCensus counts a room after a join now and then: often enough that its
// open shards do not fill up unseen, so seldom that a join hardly costs more.
func (s *Service) maybeCensus(ctx context.Context, roomID string, l shard.Layout) {
	if rand.N(max(len(l.OpenShards())*s.shardSize/shard.CountsPerShard, 1)) == 0 {
		s.census(ctx, roomID)
	}
}

// isCensusDue says whether a room is to be counted after a job for one of its
// shards, which had so many members: after one message in some, or at once
// where far too many are together.
func (s *Service) isCensusDue(j Job, members int) bool {
	return members > 2*s.shardSize || rand.N(max(j.Shards, 1)*shard.CountsPerShard) == 0
}

// census counts the members of a room, and splits it further or joins it again
// as they are many or few. It is never needed now: what goes wrong is logged.
func (s *Service) census(ctx context.Context, roomID string) {
	err := s.recount(ctx, roomID)
	if err != nil && !errors.Is(err, shard.ErrResized) {
		s.logger.WarnContext(ctx, "could not count the members of a room, the next census will", "roomId", roomID, "error", err)
	}
}

func (s *Service) recount(ctx context.Context, roomID string) error {
	// The layout before the counts: a shard that is closed in it and has no
	// member afterwards never gets one again. Whoever was about to join there
	// reads the layout once more and goes elsewhere.
	head, err := s.reader.Head(ctx, roomID)
	if err != nil {
		return err
	}
	counts, err := s.counts(ctx, roomID, head.Count())
	if err != nil {
		return fmt.Errorf("count the members of room %q: %w", roomID, err)
	}
	to := head.Resized(counts, s.shardSize)
	if head.Equal(to) && !stale(head.Members, to.Members) && !s.headAges(head) {
		return nil
	}
	expiresAt := s.retention.HeadExpiry(s.now())
	if head.ExpiresAt.After(expiresAt) { // what was written with a longer retention is kept for as long
		expiresAt = head.ExpiresAt
	}
	if err := s.log.Resize(ctx, roomID, to, expiresAt); err != nil {
		return fmt.Errorf("resize room %q: %w", roomID, err)
	}
	if !head.Equal(to) {
		s.logger.InfoContext(ctx, "resized a room", "roomId", roomID,
			"members", to.Members, "shards", to.Shards, "open", len(to.Open))
	}
	return nil
}

// counts returns the number of members in each shard. It reads a few shards at
// a time: nobody waits for a census, and others use the table.
func (s *Service) counts(ctx context.Context, roomID string, shards int) ([]int, error) {
	counts, failed := make([]int, shards), make([]error, shards)
	inParallel(shards, min(1+shards/shardsEach, base.CallConcurrency), func(shard int) {
		counts[shard], failed[shard] = s.connections.Count(ctx, roomID, shard)
	})
	return counts, errors.Join(failed...)
}

// stale reports whether a number of members is too far from the true one to be
// told to anybody.
func stale(known, members int) bool {
	return max(known-members, members-known)*8 > members
}

// headAges reports whether a head was not written for a day. A room in which
// people come and go, but nobody writes, would lose its layout in the end.
func (s *Service) headAges(h roomlog.Head) bool {
	return h.ExpiresAt.Before(s.retention.HeadExpiry(s.now()).Add(-24 * time.Hour))
}
