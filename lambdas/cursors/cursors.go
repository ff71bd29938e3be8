// Package cursors handles the queue of cursor moves.
package cursors

import (
	"context"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime/cursors"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Handler handles a batch of moves. It reports no failures: a move that could not be
// shown is not retried, because the next one replaces it.
type Handler func(context.Context, events.SQSEvent)

// New returns the handler. It shows the moves in one shard of a room together, and
// runs the shards concurrently.
func New(s *cursors.Runner) Handler {
	return func(ctx context.Context, e events.SQSEvent) {
		var wg sync.WaitGroup
		for shard, jobs := range byShard(ctx, e.Records) {
			wg.Go(func() {
				if err := s.Run(ctx, jobs); err != nil {
					slog.WarnContext(ctx, "could not show moves of cursors", "roomId", shard.RoomID,
						"shard", shard.Shard, "moves", len(jobs), "error", err)
				}
			})
		}
		wg.Wait()
	}
}

// byShard decodes the jobs of records and splits them by their shard, in order. It
// logs and skips a record that is not a job.
func byShard(ctx context.Context, records []events.SQSMessage) map[members.Membership][]cursors.Job {
	shards := map[members.Membership][]cursors.Job{}
	for _, r := range records {
		job, err := cursors.DecodeJob([]byte(r.Body))
		if err != nil {
			slog.ErrorContext(ctx, "no cursor job", "messageId", r.MessageId, "error", err)
			continue
		}
		shard := members.Membership{RoomID: job.RoomID, Shard: job.Shard}
		shards[shard] = append(shards[shard], job)
	}
	return shards
}
