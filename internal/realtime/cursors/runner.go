package cursors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// maxAge is how old a cursor's move may be to be worth showing.
const maxAge = 2 * time.Second

// Runner carries out the jobs of the queue.
type Runner struct {
	lists   members.Lists
	env     base.Env
	display *Display
	members memberCache
}

// NewRunner returns a runner of jobs.
func NewRunner(lists members.Lists, d *Display, env base.Env) *Runner {
	env = env.WithDefaults()
	return &Runner{lists: lists, env: env, display: d, members: newMemberCache(env)}
}

// Run shows the moves of cursors, all for the same shard of a room, in one frame. It
// leaves out moves that are too old, and those that were followed by another one of
// the same cursor.
func (r *Runner) Run(ctx context.Context, jobs []Job) error {
	jobs = r.latest(jobs)
	if len(jobs) == 0 {
		return nil
	}
	of := members.Membership{RoomID: jobs[0].RoomID, Shard: jobs[0].Shard}
	to, err := r.members.get(ctx, of, func(ctx context.Context) (audience, error) {
		read, err := r.lists.Members(ctx, of.RoomID, of.Shard, 0)
		return audience{members: read}, err
	})
	if err != nil {
		return fmt.Errorf("read shard %d of room %q: %w", of.Shard, of.RoomID, err)
	}
	for len(jobs) > 0 {
		n, payload := pack(jobs, "")
		instead := map[string]delivery.Payload{}
		for _, j := range jobs[:n] {
			_, instead[j.ConnectionID] = pack(jobs[:n], j.ConnectionID)
		}
		r.display.show(ctx, to.members, payload, instead)
		jobs = jobs[n:]
	}
	return nil
}

// latest returns the last move of each cursor, if it is not too old. The limit allows
// for clocks that differ: one that is ahead must not leave out all moves.
func (r *Runner) latest(jobs []Job) []Job {
	oldest := r.env.Now().Add(-maxAge - base.ClockSkew).UnixMilli()
	moved := map[string]bool{}
	var last []Job
	for _, j := range slices.Backward(jobs) {
		if !moved[j.ConnectionID] && j.At >= oldest {
			last = append(last, j)
		}
		moved[j.ConnectionID] = true
	}
	slices.Reverse(last)
	return last
}

// pack puts as many of the moves as fit into one frame, without those of one
// connection. The payload is zero if none is left.
func pack(jobs []Job, except string) (int, delivery.Payload) {
	var data [][]byte
	for _, j := range jobs {
		if j.ConnectionID != except {
			data = append(data, []byte(j.Frame))
		}
	}
	if len(data) == 0 {
		return 0, delivery.Payload{}
	}
	n, batch := protocol.Pack(data)
	return n, delivery.NewPayload(batch)
}
