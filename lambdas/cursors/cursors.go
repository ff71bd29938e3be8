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

// Handler handles a batch of moves. It has nothing to report: a move that
// could not be shown is not worth another try, the next one makes up for it.
type Handler func(context.Context, events.SQSEvent)

// New returns the handler. The moves in one shard of a room are shown
// together, shards at the same time.
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

// byShard reads the jobs of records and splits them by the shard they are for,
// keeping their order in each. What is no job is logged and left out.
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
