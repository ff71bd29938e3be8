package broadcast

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// firstDelay is when a job comes back that failed for the first time.
	// Each further time it is twice as long, up to maxDelay: the jobs behind it
	// wait as long, some four minutes altogether until a job that always fails
	// has been received 10 times.
	firstDelay = 5 * time.Second
	maxDelay   = 40 * time.Second
)

// retry makes jobs of one group come back after a delay, sooner than the queue
// would hand them out by itself: that is minutes, because it has to outlast
// the slowest run. As long as one job of a group is hidden SQS hands out none
// of it, so all of them get the same delay, and the first gets it first.
func (b *broadcast) retry(ctx context.Context, tasks []task, delay time.Duration) {
	for _, t := range tasks {
		if err := b.postpone(ctx, t.record.ReceiptHandle, delay); err != nil {
			slog.WarnContext(ctx, "could not ask for broadcast jobs to come back soon, they will later",
				"messageId", t.record.MessageId, "error", err)
			return
		}
	}
}

// delay returns when a job returns that has been received this often. It is random
// between a half and the whole, so that jobs that failed together do not return
// together.
func delay(receives int) time.Duration {
	whole := retry.Limit(firstDelay, maxDelay, receives-1)
	return retry.Between(whole/2, whole)
}

// receives returns how often a job was handed out, this time included.
func receives(r events.SQSMessage) int {
	n, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
