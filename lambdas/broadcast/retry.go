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
	// firstDelay is the delay after which a job returns that failed for the first
	// time. It doubles each time, up to maxDelay. The jobs behind it wait as long: about
	// four minutes in all until a job that always fails was received 10 times.
	firstDelay = 5 * time.Second
	maxDelay   = 40 * time.Second
)

// retry makes jobs of one group return after a delay. The queue itself would return
// them after minutes, because its timeout has to be longer than the slowest run. SQS
// delivers no job of a group while one of them is hidden, so all of them get the same
// delay, and the first gets it first.
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

// receives returns how often a job was received, including this time.
func receives(r events.SQSMessage) int {
	n, err := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
