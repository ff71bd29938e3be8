package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// retryWindow is how long a post to a connection is retried, from its first
	// attempt. The sender waits for it with its ack; after it, the queue continues.
	retryWindow = time.Second

	// stormWindow takes its place for a job of the queue while the account is
	// throttled. Nobody waits for it, handing the posts on would only add to the load,
	// and messages that come after them pile up and go out as one batch.
	stormWindow = 20 * time.Second
)

// Deliverer posts frames to connections until they have them or are gone.
type Deliverer struct {
	poster      Poster
	queue       Queue
	connections members.Connections
	env         base.Env
	direct      *Pace // of posts that a sender waits for
	queued      *Pace
}

// NewDeliverer returns a deliverer. Of queued jobs it has at most postsInFlight
// posts in flight, 0 for [DefaultPostsInFlight].
func NewDeliverer(p Poster, q Queue, c members.Connections, postsInFlight int, env base.Env) *Deliverer {
	return &Deliverer{
		poster: p, queue: q, connections: c, env: env.WithDefaults(),
		direct: NewPace(maxInFlight), queued: NewPace(cmp.Or(postsInFlight, DefaultPostsInFlight)),
	}
}

// Notify posts the frame of a notification to connections, and queues jobs for
// those that did not get it. It returns how many have it.
func (d *Deliverer) Notify(ctx context.Context, notificationID string, data []byte, to []members.Member) (int, error) {
	return d.deliverOrQueue(ctx, delivery{frames: single(data, 0), notificationID: notificationID}, to)
}

// delivery is something on its way to some connections: the frames that each of
// them gets, in this order.
type delivery struct {
	frames []frame
	// to is the shard of the members who get a message. It is zero for a notification.
	to members.Membership
	// notificationID is that of a notification.
	notificationID string
	// queued is set if nobody waits for the end of the delivery.
	queued bool
	// onBegin, if set, is called when the posts to a connection begin.
	onBegin func()
}

// frame is a frame with one message or, in a batch, several.
type frame struct {
	Payload
	firstSeq, seq int64
}

// single returns the frame of one message, or of none.
func single(data []byte, seq int64) []frame {
	return []frame{{Payload: NewPayload(data), seq: seq}}
}

// outcome is what became of a delivery.
type outcome struct {
	mu sync.Mutex
	// delivered is how many connections got all frames.
	delivered int
	// pending are, for each frame, the connections that did not get it and are not
	// known to be gone.
	pending [][]Pending
	// cause is what became of the last post to one of them.
	cause error
}

// note records that a member got the first n frames, and the error of the post of
// the next one.
func (o *outcome) note(m members.Member, n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.delivered++
	case !errors.Is(err, errForgotten):
		o.cause = err
		// In order: without this frame the later ones are worth nothing.
		for ; n < len(o.pending); n++ {
			o.pending[n] = append(o.pending[n], PendingOf(m))
		}
	}
}

// deliverOrQueue delivers, and queues jobs that name the connections that still
// need a frame. It returns how many connections have everything.
func (d *Deliverer) deliverOrQueue(ctx context.Context, what delivery, to []members.Member) (int, error) {
	posting, cancel := base.WithMargin(ctx)
	defer cancel()
	o := d.deliver(posting, what, to)
	if o.cause == nil {
		return o.delivered, nil
	}
	var jobs []Job
	for n, all := range o.pending {
		for some := range slices.Chunk(all, MaxPending) {
			job := what.job(what.frames[n])
			job.Pending, job.Cause, job.Attempt = some, describe(o.cause), d.env.NewID()
			jobs = append(jobs, job)
		}
	}
	last := len(what.frames) - 1
	pending := len(o.pending[last])
	d.env.Logger.WarnContext(ctx, "a frame did not reach every connection, so it is queued for those",
		"roomId", what.to.RoomID, "seq", what.frames[last].seq, "notificationId", what.notificationID,
		"pending", pending, "error", o.cause)
	if err := d.queue.Enqueue(ctx, jobs...); err != nil {
		return o.delivered, fmt.Errorf("queue a frame for %d connections: %w", pending, err)
	}
	return o.delivered, nil
}

// deliver posts to connections, to as many at the same time as the pace allows. It
// retries posts that fail for a while, and forgets connections that are gone.
func (d *Deliverer) deliver(ctx context.Context, what delivery, to []members.Member) *outcome {
	o := &outcome{pending: make([][]Pending, len(what.frames))}
	var retries sync.WaitGroup
	_ = base.ForEach(len(to), maxInFlight, func(i int) error { // errors are in the outcome
		if what.onBegin != nil {
			what.onBegin()
		}
		n, err := d.postFrom(ctx, what, to[i], 0)
		if err == nil {
			o.note(to[i], n, nil)
			return nil
		}
		// A connection that waits for a retry keeps no other from its first attempt.
		retries.Go(func() { d.retryPost(ctx, o, what, to[i], n, err) })
		return nil
	})
	retries.Wait()
	return o
}

// postFrom posts to one connection, once each, the frames from the nth on. It
// returns how many it has then.
func (d *Deliverer) postFrom(ctx context.Context, what delivery, m members.Member, n int) (int, error) {
	for ; n < len(what.frames); n++ {
		if err := d.postOrForget(ctx, what, m, n); err != nil {
			return n, err
		}
	}
	return n, nil
}

// retryPost goes on with a connection that had an error at its nth frame, until
// everything is posted or further attempts are pointless.
func (d *Deliverer) retryPost(ctx context.Context, o *outcome, what delivery, m members.Member, n int, err error) {
	start := d.env.Now()
	for try := 0; err != nil && !errors.Is(err, errForgotten) && !errors.Is(err, ErrRefused); try++ {
		wait := base.Backoff(try)
		if d.env.Now().Add(wait).Sub(start) > d.retryBudget(what, err) || retry.Sleep(ctx, wait) != nil {
			break
		}
		before := n
		if n, err = d.postFrom(ctx, what, m, n); n > before {
			start, try = d.env.Now(), 0
		}
	}
	o.note(m, n, err)
}

// retryBudget returns for how long a post is retried that failed with an error.
func (d *Deliverer) retryBudget(what delivery, err error) time.Duration {
	if what.queued && errors.Is(err, ErrThrottled) && d.queued.slowed() {
		return stormWindow
	}
	return retryWindow
}

// postOrForget posts one frame once. It forgets a connection that turns out to be
// gone, and returns errForgotten.
func (d *Deliverer) postOrForget(ctx context.Context, what delivery, m members.Member, n int) error {
	pace := d.direct
	if what.queued {
		pace = d.queued
	}
	pace.Begin()
	err := d.poster.Post(ctx, m.ConnectionID, what.frames[n].Payload)
	pace.End(err)
	if errors.Is(err, ErrGone) && d.isGone(ctx, m) {
		return d.forget(ctx, m, what.to)
	}
	return err
}

// describe puts the cause of a failure in a few words, for the operator who finds
// the job in the dead-letter queue.
func describe(cause error) string {
	switch {
	case errors.Is(cause, ErrGone):
		return "answered as gone, but not confirmed to be"
	case errors.Is(cause, ErrThrottled):
		return "throttled"
	case errors.Is(cause, context.DeadlineExceeded):
		return "no answer in time"
	}
	const most = 200
	text := cause.Error()
	return text[:min(len(text), most)]
}
