package realtime

import (
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// firstShard is where the members of a room are that is not split.
const firstShard = 0

// spread brings a message to the members of its room: to a few by posting it,
// to many by a job for each shard of the room.
func (s *Service) spread(ctx context.Context, e roomlog.Entry, head roomlog.Head) error {
	frame, err := protocol.Encode(e.Frame())
	if err != nil {
		return err
	}
	if head.Count() == 1 {
		// One more than are posted to is enough to see that there are more.
		members, err := s.connections.Members(ctx, e.RoomID, shard.First, s.directLimit+1)
		if err == nil && len(members) <= s.directLimit {
			d := delivery{parcels: parcelOf(frame, e.Seq), to: Membership{RoomID: e.RoomID, Shard: shard.First}}
			_, err := s.deliverOrQueue(ctx, d, members)
			return err
		}
		if err != nil {
			// Whoever takes the job from the queue has more time to read them.
			s.logger.WarnContext(ctx, "could not read the members, so the message is queued",
				"roomId", e.RoomID, "seq", e.Seq, "error", err)
		}
	}
	jobs := make([]Job, head.Count())
	// A copy of a send queues it again, and the jobs must not count as one: the
	// first may be done, before all were members whom the copy reaches.
	attempt := s.newID()
	for shard := range jobs {
		jobs[shard] = Job{
			RoomID: e.RoomID, Seq: e.Seq, Shard: shard, Shards: len(jobs), Attempt: attempt, Frame: string(frame),
		}
	}
	if err := s.queue.Enqueue(ctx, jobs...); err != nil {
		return fmt.Errorf("queue it for %d shards: %w", len(jobs), err)
	}
	return nil
}
