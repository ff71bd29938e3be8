package delivery

import (
	"cmp"
	"context"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// FanOut brings messages to the members of their room.
type FanOut struct {
	deliverer   *Deliverer
	lists       members.Lists
	queue       Queue
	directLimit int
	env         base.Env
}

// NewFanOut returns a fan-out. It posts directly to rooms of up to directLimit
// members, 0 for [DefaultDirectLimit].
func NewFanOut(d *Deliverer, lists members.Lists, q Queue, directLimit int, env base.Env) *FanOut {
	return &FanOut{deliverer: d, lists: lists, queue: q, directLimit: cmp.Or(directLimit, DefaultDirectLimit), env: env.WithDefaults()}
}

// Deliver brings a message to the members of its room: to a few by posting it, to
// many by a job for each shard of the room.
func (f *FanOut) Deliver(ctx context.Context, e roomlog.Entry, head roomlog.Head) error {
	data, err := protocol.Encode(e.Frame())
	if err != nil {
		return err
	}
	if head.Count() == 1 {
		// One more than are posted to is enough to see that there are more.
		to, err := f.lists.Members(ctx, e.RoomID, shard.First, f.directLimit+1)
		if err == nil && len(to) <= f.directLimit {
			what := delivery{frames: single(data, e.Seq), to: members.Membership{RoomID: e.RoomID, Shard: shard.First}}
			_, err := f.deliverer.deliverOrQueue(ctx, what, to)
			return err
		}
		if err != nil {
			// The function that takes the job from the queue has more time to read them.
			f.env.Logger.WarnContext(ctx, "could not read the members, so the message is queued",
				"roomId", e.RoomID, "seq", e.Seq, "error", err)
		}
	}
	jobs := make([]Job, head.Count())
	// A copy of a send queues it again, and the two jobs must not count as one: the
	// first may be done before every connection that the copy reaches was a member.
	attempt := f.env.NewID()
	for n := range jobs {
		jobs[n] = Job{RoomID: e.RoomID, Seq: e.Seq, Shard: n, Shards: len(jobs), Attempt: attempt, Frame: string(data)}
	}
	if err := f.queue.Enqueue(ctx, jobs...); err != nil {
		return fmt.Errorf("queue it for %d shards: %w", len(jobs), err)
	}
	return nil
}
