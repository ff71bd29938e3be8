package queues

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/faults"
)

const (
	// maxReceive is SQS's maximum number of messages in a receive.
	maxReceive = 10
	// maxPayload is the payload after which a batch is complete: an invocation can
	// have 6 MB, and the next message may have one.
	maxPayload = 5 << 20
	// pollTime is SQS's longest long poll.
	pollTime = 20 * time.Second
	// The waits after failed receives grow.
	minRetry = 50 * time.Millisecond
	maxRetry = 2 * time.Second
)

// poll receives batches until ctx ends. It requests a batch only if it can be
// processed now, because messages that wait here lose visibility time.
func (s *Source) poll(ctx context.Context) {
	retry := minRetry
	for {
		select {
		case s.room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		received := time.Now()
		batch, err := s.receive(ctx, s.config.BatchSize, pollTime)
		if err == nil && len(batch) > 0 {
			received = time.Now()
			batch, err = s.gather(ctx, batch)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.config.Logger.Warn("failed to receive from the queue", "error", err)
			faults.Sleep(ctx, retry)
			retry = min(2*retry, maxRetry)
		} else {
			retry = minRetry
		}
		if len(batch) == 0 {
			<-s.room
			continue
		}
		s.running.Go(func() {
			defer func() { <-s.room }()
			s.deliver(ctx, batch, received)
		})
	}
}

// gather adds the messages of the window to a batch until it is full. The batch is
// valid even after an error.
func (s *Source) gather(ctx context.Context, batch []types.Message) ([]types.Message, error) {
	end := time.Now().Add(s.config.Window)
	for len(batch) < s.config.BatchSize && payload(batch) < maxPayload {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		// SQS waits for whole seconds.
		wait := left.Truncate(time.Second)
		if wait == 0 {
			faults.Sleep(ctx, left)
		}
		more, err := s.receive(ctx, s.config.BatchSize-len(batch), min(wait, pollTime))
		if err != nil {
			return batch, err
		}
		batch = append(batch, more...)
	}
	return batch, nil
}

func payload(batch []types.Message) int {
	total := 0
	for _, m := range batch {
		total += len(aws.ToString(m.Body))
	}
	return total
}

func (s *Source) receive(ctx context.Context, most int, wait time.Duration) ([]types.Message, error) {
	out, err := s.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    &s.config.URL,
		MaxNumberOfMessages:         int32(min(most, maxReceive)),
		WaitTimeSeconds:             int32(wait / time.Second),
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}
