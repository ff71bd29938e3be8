// Package broadcast handles the queue of broadcast jobs.
package broadcast

import (
	"context"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/realtime"
)

// Needs are the parts that its service needs.
const Needs = backend.Connections | backend.Poster

// Handler handles a batch of jobs.
type Handler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// New returns the handler. Jobs of one message group are done one after the
// other, groups at the same time. When a job fails, it and all later ones of
// its group are reported as failed, so that SQS keeps their order.
func New(s *realtime.Service) Handler {
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		response := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		for _, group := range groups(e.Records) {
			wg.Go(func() {
				failed := runGroup(ctx, s, group)
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

// groups splits records by their message group, keeping their order in each.
func groups(records []events.SQSMessage) map[string][]events.SQSMessage {
	m := map[string][]events.SQSMessage{}
	for _, r := range records {
		group := r.Attributes["MessageGroupId"]
		m[group] = append(m[group], r)
	}
	return m
}

// runGroup carries out the jobs of a group up to the first that fails, and
// returns what is left. What is no job fails alone: it has no place in an
// order.
func runGroup(ctx context.Context, s *realtime.Service, group []events.SQSMessage) []events.SQSMessage {
	var failed []events.SQSMessage
	for i, r := range group {
		job, err := realtime.DecodeJob([]byte(r.Body))
		if err != nil {
			logFailure(ctx, r, 0, err)
			failed = append(failed, r)
			continue
		}
		if err := s.Run(ctx, job); err != nil {
			logFailure(ctx, r, len(group)-i-1, err)
			return append(failed, group[i:]...)
		}
	}
	return failed
}

func logFailure(ctx context.Context, r events.SQSMessage, held int, err error) {
	slog.ErrorContext(ctx, "broadcast job failed", "messageId", r.MessageId,
		"receives", r.Attributes["ApproximateReceiveCount"], "held", held, "error", err)
}
