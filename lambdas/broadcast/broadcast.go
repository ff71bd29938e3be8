// Package broadcast handles the queue of broadcast jobs.
package broadcast

import (
	"context"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Handler handles a batch of jobs.
type Handler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// New returns the handler. It runs the jobs of a message group in order, and the
// groups concurrently. If a job fails, it reports the job and all later ones of its
// group as failed, so that SQS keeps their order, and they return together after a
// delay. A job that was received maxReceives times had its last attempt: it goes to
// the dead-letter queue, and delays no other job. 0 is an unknown maxReceives.
func New(jobs *delivery.Runner, postpone backend.Postpone, maxReceives int) Handler {
	b := &broadcast{jobs: jobs, postpone: postpone, maxReceives: maxReceives}
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, group := range groups(e.Records) {
			wg.Go(func() {
				failed := b.runGroup(ctx, group)
				mu.Lock()
				defer mu.Unlock()
				for _, r := range failed {
					response.BatchItemFailures = append(response.BatchItemFailures,
						events.SQSBatchItemFailure{ItemIdentifier: r.MessageId})
				}
			})
		}
		wg.Wait()
		return response, nil
	}
}

type broadcast struct {
	jobs        *delivery.Runner
	postpone    backend.Postpone
	maxReceives int
}

// groups splits records by their message group, keeping their order in each.
func groups(records []events.SQSMessage) map[string][]events.SQSMessage {
	m := map[string][]events.SQSMessage{}
	for _, r := range records {
		group := r.Attributes["MessageGroupId"]
		m[group] = append(m[group], r)
	}
	return m
}

// task is a job and the record that it came in.
type task struct {
	job    delivery.Job
	record events.SQSMessage
}

// runGroup runs the jobs of a group up to the first that fails and will return, and
// returns the jobs that are left. A message that is not a job, and a job that fails
// for the last time, fail alone: they no longer have a place in the order.
func (b *broadcast) runGroup(ctx context.Context, group []events.SQSMessage) []events.SQSMessage {
	tasks, failed := b.decode(ctx, group)
	for len(tasks) > 0 {
		jobs := together(tasks)
		err := b.jobs.Run(ctx, jobs...)
		if err == nil {
			tasks = tasks[len(jobs):]
			continue
		}
		first := tasks[0].record
		if b.isLast(first) {
			b.logFailure(ctx, first, 0, err)
			b.retry(ctx, tasks[:1], 0)
			failed, tasks = append(failed, first), tasks[1:]
			continue
		}
		b.logFailure(ctx, first, len(tasks)-1, err)
		b.retry(ctx, tasks, delay(receives(first)))
		for _, t := range tasks {
			failed = append(failed, t.record)
		}
		return failed
	}
	return failed
}

// decode reads the jobs of a group, and returns the messages that are not jobs.
func (b *broadcast) decode(ctx context.Context, group []events.SQSMessage) (tasks []task, failed []events.SQSMessage) {
	for _, r := range group {
		job, err := delivery.DecodeJob([]byte(r.Body))
		if err != nil {
			b.logFailure(ctx, r, 0, err)
			b.retry(ctx, []task{{record: r}}, 0)
			failed = append(failed, r)
			continue
		}
		tasks = append(tasks, task{job, r})
	}
	return tasks, failed
}

// together returns the first jobs that can run as one: queued messages of a shard are
// posted as one frame.
func together(tasks []task) []delivery.Job {
	jobs := []delivery.Job{tasks[0].job}
	for _, t := range tasks[1:] {
		if !jobs[0].With(t.job) {
			break
		}
		jobs = append(jobs, t.job)
	}
	return jobs
}

// isLast reports whether a job goes to the dead-letter queue if it fails now.
func (b *broadcast) isLast(r events.SQSMessage) bool {
	return b.maxReceives > 0 && receives(r) >= b.maxReceives
}

// logFailure logs why a job failed. An alarm of the constructs counts the lines
// with deadLetter.
func (b *broadcast) logFailure(ctx context.Context, r events.SQSMessage, held int, err error) {
	slog.ErrorContext(ctx, "broadcast job failed", "messageId", r.MessageId,
		"receives", r.Attributes["ApproximateReceiveCount"], "deadLetter", b.isLast(r), "held", held, "error", err)
}
