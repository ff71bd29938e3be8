package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// maxDelay is the longest time that SQS hides a message.
const maxDelay = 12 * time.Hour

// VisibilityChanger is what [Postpone] calls; [sqs.Client] implements it.
type VisibilityChanger interface {
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

var _ VisibilityChanger = (*sqs.Client)(nil)

// Postpone makes a message that was received from a queue visible again after a delay from
// now, instead of after the rest of the queue's visibility timeout. The delay is rounded up
// to whole seconds, 12 hours at most; 0 makes the message visible at once. Until then the
// later messages of its group wait. It returns an error if the message is visible already,
// or was deleted.
func Postpone(ctx context.Context, api VisibilityChanger, queueURL, receiptHandle string, delay time.Duration) error {
	seconds := (min(max(delay, 0), maxDelay) + time.Second - 1) / time.Second
	_, err := api.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &queueURL, ReceiptHandle: &receiptHandle, VisibilityTimeout: int32(seconds),
	})
	if err != nil {
		return fmt.Errorf("postpone a message by %v: %w", delay, err)
	}
	return nil
}
