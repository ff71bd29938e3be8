package queues

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// The waits for a throttled function grow.
const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// process invokes the function with a batch and deletes the processed messages.
// Errors are logged.
func (s *Source) process(ctx context.Context, batch []types.Message, wrong mishaps, received time.Time) {
	succeeded, err := s.invoke(ctx, batch, received)
	if err != nil {
		if ctx.Err() == nil {
			s.config.Logger.Warn("a batch failed and stays in the queue", "messages", len(batch), "error", err)
		}
		return
	}
	if twice := wrong.twice; len(twice) > 0 {
		if _, err := s.invoke(ctx, twice, received); err != nil && ctx.Err() == nil {
			s.config.Logger.Warn("the second delivery of messages failed", "messages", len(twice), "error", err)
		}
	}
	succeeded = slices.DeleteFunc(slices.Clone(succeeded), func(m types.Message) bool {
		return slices.Contains(wrong.kept, aws.ToString(m.MessageId))
	})
	if err := s.remove(ctx, succeeded); err != nil && ctx.Err() == nil {
		s.config.Logger.Warn("failed to delete processed messages; they will be delivered again", "error", err)
	}
}

// invoke invokes the function with a batch. It retries while the function is
// throttled and the messages are invisible. It returns the processed messages.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
func (s *Source) invoke(ctx context.Context, batch []types.Message, received time.Time) ([]types.Message, error) {
	event := s.event(batch)
	backoff := minBackoff
	for {
		response, err := s.target.Invoke(ctx, event)
		switch {
		case err == nil && s.config.ReportBatchItemFailures:
			return successes(batch, response)
		case err == nil:
			return batch, nil
		case !isThrottled(err) || time.Since(received)+backoff > s.config.VisibilityTimeout:
			return nil, err
		}
		faults.Sleep(ctx, backoff)
		backoff = min(2*backoff, maxBackoff)
	}
}

func isThrottled(err error) bool {
	var refusal interface{ Throttled() bool }
	return errors.As(err, &refusal) && refusal.Throttled()
}

// remove deletes messages in as few calls as possible.
func (s *Source) remove(ctx context.Context, messages []types.Message) error {
	for some := range slices.Chunk(messages, maxReceive) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &s.config.URL}
		for _, m := range some {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		}
		out, err := s.queue.DeleteMessageBatch(ctx, in)
		if err != nil {
			return err
		}
		if len(out.Failed) > 0 {
			f := out.Failed[0]
			return fmt.Errorf("%d of %d: %s: %s", len(out.Failed), len(some), aws.ToString(f.Code), aws.ToString(f.Message))
		}
	}
	return nil
}
