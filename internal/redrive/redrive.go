package redrive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime"
)

const (
	// mostOwed is how many connections one job names, so that it stays well
	// within what SQS takes.
	mostOwed = 500
	// cleanUp is how long making messages visible again may take after the
	// run was interrupted.
	cleanUp = 10 * time.Second
)

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
	Connections realtime.Connections
	Inboxes     realtime.Inboxes
	// Poster is only asked whether connections exist.
	Poster realtime.Poster
	// Queue is where jobs are queued again.
	Queue realtime.Queue
	Now   func() time.Time
	// NewID returns an id that no other call ever returns.
	NewID func() string
}

// Options say what to do.
type Options struct {
	// Send queues jobs again, and removes those that nobody is owed. Without
	// it nothing is changed.
	Send bool
	// Limit is the most messages to look at, 0 for all. SQS hands out no more
	// of a message group until those before are removed: without Send that is
	// ten jobs for the whole of one shard of a room.
	Limit int
}

// Run looks at the messages of the dead-letter queue one after the other, does
// what is to be done, and tells of each. Messages that stay are visible again
// when it returns. It ends at the first error: with Send, what was told of
// before is done.
func (r *Redriver) Run(ctx context.Context, o Options, tell func(Report) error) (s Summary, err error) {
	var held []queue.DeadLetter
	defer func() { err = errors.Join(err, r.release(ctx, held)) }()
	seen := map[string]bool{}
	for {
		letters, err := r.DeadLetters.Receive(ctx)
		if err != nil {
			return s, fmt.Errorf("receive from the dead-letter queue: %w", err)
		}
		held = append(held, letters...)
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
				held = slices.DeleteFunc(held, func(h queue.DeadLetter) bool { return h.MessageID == l.MessageID })
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

// redrive finds out what is to be done about a message, and does it if it is to
// be sent.
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
	report.NotificationID, report.Cause = l.Job.NotificationID, l.Job.Cause
	connections, err := r.judge(ctx, l.Job)
	if err != nil {
		return Report{}, fmt.Errorf("find out who is owed %s: %w", describe(l.Job), err)
	}
	report.Connections = append(report.Connections, connections...)
	report.Action = Delete
	if len(report.owed()) > 0 {
		report.Action = Send
	}
	if !send {
		return report, nil
	}
	for owed := range slices.Chunk(report.owed(), mostOwed) {
		job := l.Job
		job.Owed, job.Attempt = owed, r.NewID()
		if err := r.Queue.Enqueue(ctx, job); err != nil {
			return Report{}, fmt.Errorf("queue %s again: %w", describe(l.Job), err)
		}
	}
	// After the other, so that nothing is lost in between: a frame that is
	// posted twice shows once.
	if err := r.DeadLetters.Delete(ctx, l); err != nil {
		return Report{}, fmt.Errorf("remove %s from the dead-letter queue: %w", describe(l.Job), err)
	}
	return report, nil
}

// release makes messages visible again, also when ctx has ended.
func (r *Redriver) release(ctx context.Context, held []queue.DeadLetter) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	for _, l := range held {
		if err := r.DeadLetters.Release(ctx, l); err != nil {
			return fmt.Errorf("make messages of the dead-letter queue visible again, which they will be by themselves in some minutes: %w", err)
		}
	}
	return nil
}

// describe names what a job delivers.
func describe(j realtime.Job) string {
	if j.NotificationID != "" {
		return "notification " + j.NotificationID
	}
	return fmt.Sprintf("seq %d of room %q", j.Seq, j.RoomID)
}
