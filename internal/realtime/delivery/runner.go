package delivery

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/retry"
)

// MemberStore reads the members of rooms, all of a shard or one of them.
type MemberStore interface {
	members.Lists
	members.Lookups
}

// Runner carries out the jobs of the queue.
type Runner struct {
	deliverer  *Deliverer
	members    MemberStore
	waiting    Waiting
	queue      Queue
	rebalancer *members.Rebalancer
	env        base.Env
	ahead      *readAhead
}

// NewRunner returns a runner of jobs.
func NewRunner(d *Deliverer, m MemberStore, w Waiting, q Queue, r *members.Rebalancer, env base.Env) *Runner {
	return &Runner{deliverer: d, members: m, waiting: w, queue: q, rebalancer: r, env: env.WithDefaults(), ahead: newReadAhead()}
}

// Run carries out jobs: one with Pending, or some that are for the whole of the same
// shard of a room, in their order, see [Job.With]. If some connections did not get
// the frame, a new job names them. An error means that no connection got it, or that
// it is not known which should: then the jobs have to come back.
func (r *Runner) Run(ctx context.Context, jobs ...Job) error {
	first := jobs[0]
	if len(first.Pending) > 0 {
		return r.runPending(ctx, first)
	}
	reading, cancel := base.WithMargin(ctx)
	defer cancel()
	to, err := r.read(reading, first)
	if err != nil {
		return fmt.Errorf("read the members of room %q: %w", first.RoomID, err)
	}
	what := first.delivery(pack(jobs))
	what.onBegin = r.ahead.begun
	if _, err := r.deliverer.deliverOrQueue(ctx, what, to); err != nil {
		return err
	}
	r.rebalancer.AfterDelivery(reading, first.RoomID, first.Shards, len(to))
	return nil
}

// pack puts the frames of jobs into as few as they fit in.
func pack(jobs []Job) []frame {
	data := make([][]byte, len(jobs))
	for i, j := range jobs {
		data[i] = []byte(j.Frame)
	}
	var packed []frame
	for len(jobs) > 0 {
		n, batch := protocol.Pack(data)
		f := frame{Payload: NewPayload(batch), firstSeq: jobs[0].FirstSeq, seq: jobs[n-1].Seq}
		if n > 1 {
			f.firstSeq = jobs[0].Seq
		}
		packed = append(packed, f)
		jobs, data = jobs[n:], data[n:]
	}
	return packed
}

// runPending posts to the connections that a job names and that still need its
// frame.
func (r *Runner) runPending(ctx context.Context, j Job) error {
	posting, cancel := base.WithMargin(ctx)
	defer cancel()
	to := r.stillPending(posting, j)
	frames := []frame{{Payload: NewPayload([]byte(j.Frame)), firstSeq: j.FirstSeq, seq: j.Seq}}
	o := r.deliverer.deliver(posting, j.delivery(frames), to)
	pending := o.pending[0]
	switch len(pending) {
	case 0:
		return nil
	case len(j.Pending):
		return fmt.Errorf("post to %d connections: %w", len(pending), o.cause)
	}
	// Fewer than before, so this comes to an end. Connections that have the frame now
	// are neither posted to again nor named in the dead-letter queue.
	j.Pending, j.Cause, j.Attempt = pending, describe(o.cause), r.env.NewID()
	return r.queue.Enqueue(ctx, j)
}

// stillPending returns the members that a job names, without those who have left the
// room since or have said that they have everything up to its message, and without
// those whose user has acknowledged its notification. If that cannot be
// read, the member is still pending.
func (r *Runner) stillPending(ctx context.Context, j Job) []members.Member {
	if j.NotificationID != "" {
		named := make([]members.Member, len(j.Pending))
		for i, p := range j.Pending {
			named[i] = p.member()
		}
		return WithoutAcknowledged(ctx, r.waiting, j.NotificationID, named, func(members.Member) bool { return true })
	}
	pending := make([]bool, len(j.Pending))
	_ = base.ForEach(len(j.Pending), base.CallConcurrency, func(i int) error { // there are no errors
		m, err := r.members.Member(ctx, j.Pending[i].ConnectionID, members.Membership{RoomID: j.RoomID, Shard: j.Shard})
		pending[i] = !errors.Is(err, members.ErrNotMember) && (err != nil || m.AckedSeq < j.Seq)
		return nil
	})
	var still []members.Member
	for i, p := range j.Pending {
		if pending[i] {
			still = append(still, p.member())
		}
	}
	return still
}

// read reads the members of a job's shard, again and again until the time is up: a
// job that fails comes back only after minutes, and holds up every later message of
// its shard until then.
func (r *Runner) read(ctx context.Context, j Job) ([]members.Member, error) {
	for try := 0; ; try++ {
		to, err := r.ahead.read(func() ([]members.Member, error) {
			return r.members.Members(ctx, j.RoomID, j.Shard, 0)
		})
		if err == nil || retry.Sleep(ctx, base.Backoff(try)) != nil {
			return to, err
		}
	}
}
