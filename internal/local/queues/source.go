package queues

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Queue is what an event source needs of SQS. [sqs.Client] is one.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Invoker runs the function. Any error means that the batch has failed.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// maxBatch is the most messages that one receive returns. Lambda gathers more
// for a standard queue that asks for it; here 10 are the most, which Lambda
// may hand over too.
const maxBatch = 10

// Config describes an event source.
type Config struct {
	// URL and ARN are the queue's. Required.
	URL, ARN string
	// Region is told in the event. Default: us-east-1.
	Region string
	// BatchSize is the most messages in one invocation. Above 10 it is taken
	// for 10. Default: 10.
	BatchSize int
	// ReportBatchItemFailures has the function's response read for the
	// messages that failed. Default: a response means that all succeeded.
	ReportBatchItemFailures bool
	// MaximumConcurrency bounds the invocations that run at once. Default: 10.
	MaximumConcurrency int
	// Logger gets failures of the queue and of the function. Default: slog's.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.BatchSize <= 0 || c.BatchSize > maxBatch {
		c.BatchSize = maxBatch
	}
	if c.MaximumConcurrency <= 0 {
		c.MaximumConcurrency = 10
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = c.Logger.With("queue", c.ARN)
	return c
}

const (
	// pollSeconds is the longest that SQS keeps a long poll open.
	pollSeconds = 20
	// The waits between receives that fail grow from one to the other.
	minRetry = 50 * time.Millisecond
	maxRetry = 2 * time.Second
)

// Source is a running event source.
type Source struct {
	config  Config
	queue   Queue
	target  Invoker
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start begins to poll. The caller has to Close the source before the queue
// or the function goes away.
func Start(c Config, queue Queue, target Invoker) (*Source, error) {
	if c.URL == "" || c.ARN == "" {
		return nil, errors.New("queues: an event source needs its queue's URL and ARN")
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Source{config: c.withDefaults(), queue: queue, target: target, cancel: cancel}
	s.running.Go(func() { s.poll(ctx) })
	return s, nil
}

// Close stops polling, gives up waiting for the invocations that run, and
// returns when nothing of the source is left. What was being processed stays
// in the queue.
func (s *Source) Close() error {
	s.cancel()
	s.running.Wait()
	return nil
}

// poll receives one batch after the other until ctx ends. It asks for one
// only when there is room to process it: a message that waits here would
// waste its visibility timeout.
func (s *Source) poll(ctx context.Context) {
	room := make(chan struct{}, s.config.MaximumConcurrency)
	retry := minRetry
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := s.receive(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			s.config.Logger.Warn("receiving from the queue failed", "error", err)
			sleep(ctx, retry)
			retry = min(2*retry, maxRetry)
		} else {
			retry = minRetry
		}
		if len(batch) == 0 {
			<-room
			continue
		}
		s.running.Go(func() {
			defer func() { <-room }()
			s.process(ctx, batch)
		})
	}
}

func (s *Source) receive(ctx context.Context) ([]types.Message, error) {
	out, err := s.queue.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    &s.config.URL,
		MaxNumberOfMessages:         int32(s.config.BatchSize),
		WaitTimeSeconds:             pollSeconds,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// process invokes the function with a batch and deletes what succeeded.
func (s *Source) process(ctx context.Context, batch []types.Message) {
	response, err := s.target.Invoke(ctx, s.event(batch))
	if err != nil {
		if ctx.Err() == nil {
			s.config.Logger.Warn("a batch failed and stays in the queue", "messages", len(batch), "error", err)
		}
		return
	}
	succeeded := batch
	if s.config.ReportBatchItemFailures {
		if succeeded, err = successes(batch, response); err != nil {
			s.config.Logger.Warn("a batch stays in the queue", "messages", len(batch), "error", err)
			return
		}
	}
	if err := s.remove(ctx, succeeded); err != nil && ctx.Err() == nil {
		s.config.Logger.Warn("processed messages could not be deleted and will come again", "error", err)
	}
}

func (s *Source) remove(ctx context.Context, messages []types.Message) error {
	if len(messages) == 0 {
		return nil
	}
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &s.config.URL}
	for _, m := range messages {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	out, err := s.queue.DeleteMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	if len(out.Failed) > 0 {
		f := out.Failed[0]
		return fmt.Errorf("%d of %d: %s: %s", len(out.Failed), len(messages), aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
