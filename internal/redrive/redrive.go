package redrive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// cleanUp is how long making messages visible again may take after the run was
// interrupted.
const cleanUp = 10 * time.Second

// DeadLetters is the dead-letter queue of broadcast jobs.
type DeadLetters interface {
	// Receive hides some messages for a while and returns them; none when
	// there are no more.
	Receive(ctx context.Context) ([]queue.DeadLetter, error)
	// Delete removes a message.
	Delete(ctx context.Context, l queue.DeadLetter) error
	// Release makes a message visible again.
	Release(ctx context.Context, l queue.DeadLetter) error
}

// Redriver redrives the dead-letter queue of one stack. It needs every field.
type Redriver struct {
	DeadLetters DeadLetters
	Connections members.Reader
	Members     delivery.MemberStore
	Inboxes     inbox.Store
	// Poster is only asked whether connections exist.
	Poster delivery.Poster
	// Queue is where jobs are queued again.
	Queue delivery.Queue
	Now   func() time.Time
	// NewID returns an id that no other call ever returns.
	NewID func() string
}

// Options say what to do.
type Options struct {
	// Send queues jobs again, and removes those without pending recipients.
	// Without it nothing is changed.
	Send bool
	// Limit is the most messages to read, 0 for all. SQS returns no more messages
	// of a group until the previous ones are removed: without Send these are ten
	// jobs of one shard.
	Limit int
}

// Run handles the messages of the dead-letter queue one after another, and
// reports each. Messages that stay are visible again when it returns. A job whose
// recipients cannot be determined is reported and left; Run returns the error
// after all others. Any other error ends it: with Send, what was reported before
// is done.
func (r *Redriver) Run(ctx context.Context, o Options, tell func(Report) error) (s Summary, err error) {
	// The newest receipt of each message: SQS takes no older one.
	held := map[string]queue.DeadLetter{}
	var unclear error
	defer func() {
		if unclear != nil {
			unclear = fmt.Errorf("left %d of the jobs; the first: %w", s.Unclear, unclear)
		}
		err = errors.Join(err, unclear, r.release(ctx, held))
	}()
	seen := map[string]bool{}
	for {
		letters, err := r.DeadLetters.Receive(ctx)
		if err != nil {
			return s, fmt.Errorf("receive from the dead-letter queue: %w", err)
		}
		for _, l := range letters {
			held[l.MessageID] = l
		}
		for _, l := range letters {
			if o.Limit > 0 && s.Jobs == o.Limit {
				return s, nil
			}
			if seen[l.MessageID] {
				continue
			}
			seen[l.MessageID] = true
			report, err := r.redrive(ctx, l, o.Send)
			if err != nil {
				return s, err
			}
			if o.Send && report.Action != Leave {
				delete(held, l.MessageID)
			}
			if unclear == nil {
				unclear = report.unclear
			}
			s.add(report)
			if err := tell(report); err != nil {
				return s, err
			}
		}
		if len(letters) == 0 {
			return s, nil
		}
	}
}

// redrive decides what to do with a message, and does it if sending was
// requested.
func (r *Redriver) redrive(ctx context.Context, l queue.DeadLetter, send bool) (Report, error) {
	report := Report{
		MessageID: l.MessageID, Receives: l.Receives,
		AgeSeconds: int64(r.Now().Sub(l.SentAt) / time.Second), Connections: []Connection{},
	}
	if l.Err != nil {
		report.Action, report.Body, report.Problem = Leave, l.Body, l.Err.Error()
		return report, nil
	}
	report.RoomID, report.Seq, report.Shard = l.Job.RoomID, l.Job.Seq, l.Job.Shard
	report.FirstSeq = l.Job.FirstSeq
	report.NotificationID, report.Cause = l.Job.NotificationID, l.Job.Cause
	connections, err := r.judge(ctx, l.Job)
	if err != nil {
		err = fmt.Errorf("determine the recipients of %s: %w", queue.Describe(l.Job), err)
		if ctx.Err() != nil {
			return Report{}, err
		}
		report.Action, report.Problem, report.unclear = Leave, err.Error(), err
		return report, nil
	}
	report.Connections = append(report.Connections, connections...)
	report.Action = Delete
	if len(report.pending()) > 0 {
		report.Action = Send
	}
	if !send {
		return report, nil
	}
	for pending := range slices.Chunk(report.pending(), delivery.MaxPending) {
		job := l.Job
		job.Pending, job.Attempt = pending, r.NewID()
		if err := r.Queue.Enqueue(ctx, job); err != nil {
			return Report{}, fmt.Errorf("queue %s again: %w", queue.Describe(l.Job), err)
		}
	}
	// The old job is removed last, so that nothing is lost in between: clients
	// show a frame that is posted twice once.
	if err := r.DeadLetters.Delete(ctx, l); err != nil {
		return Report{}, fmt.Errorf("remove %s from the dead-letter queue: %w", queue.Describe(l.Job), err)
	}
	return report, nil
}

// release makes messages visible again, as many as it can, also when ctx has
// ended.
func (r *Redriver) release(ctx context.Context, held map[string]queue.DeadLetter) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	var failed []error
	for _, l := range held {
		failed = append(failed, r.DeadLetters.Release(ctx, l))
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("make messages of the dead-letter queue visible again, which they will be by themselves in some minutes: %w", err)
	}
	return nil
}
