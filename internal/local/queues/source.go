package queues

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Queue has the SQS calls of an event source. [sqs.Client] implements it.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Invoker runs the function. An error means that the batch has failed. If the error
// has a method Throttled that returns true, the function did not run and can be
// retried.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Config configures a [Source].
type Config struct {
	// URL and ARN are the queue's. Required.
	URL, ARN string
	// Function is the function's name for faults. Default: none.
	Function string
	// Region is the Region in events. Default: us-east-1.
	Region string
	// BatchSize is the maximum number of messages in an invocation. Default: 10.
	BatchSize int
	// Window is how long messages are gathered for a batch that is not full.
	// Default: 0; an invocation gets the messages of one receive.
	Window time.Duration
	// ReportBatchItemFailures enables partial batch responses. Default: a response
	// means that all messages succeeded.
	ReportBatchItemFailures bool
	// MaximumConcurrency is the maximum number of concurrent invocations. Default:
	// 10.
	MaximumConcurrency int
	// VisibilityTimeout is the queue's. A batch is retried for this long while the
	// function is throttled. Default: SQS's 30 s.
	VisibilityTimeout time.Duration
	// Faults injects faults into deliveries. Default: none.
	Faults *faults.Injector
	// Logger logs failures of the queue and of the function. Default: slog's.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.BatchSize <= 0 {
		c.BatchSize = maxReceive
	}
	if c.MaximumConcurrency <= 0 {
		c.MaximumConcurrency = 10
	}
	if c.VisibilityTimeout <= 0 {
		c.VisibilityTimeout = 30 * time.Second
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = c.Logger.With("queue", c.ARN)
	return c
}

// queue returns the queue's name, the last part of its ARN.
func (c Config) queue() string { return c.ARN[strings.LastIndex(c.ARN, ":")+1:] }

// isFIFO reports whether the queue is a FIFO queue.
func (c Config) isFIFO() bool { return strings.HasSuffix(c.ARN, ".fifo") }

// Source is a running event source.
type Source struct {
	config  Config
	queue   Queue
	target  Invoker
	room    chan struct{} // has a token for each batch in progress
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start starts polling. The caller must close the source before the queue or the
// function.
func Start(c Config, queue Queue, target Invoker) (*Source, error) {
	if c.URL == "" || c.ARN == "" {
		return nil, errors.New("queues: missing URL or ARN of the queue")
	}
	ctx, cancel := context.WithCancel(context.Background())
	c = c.withDefaults()
	s := &Source{config: c, queue: queue, target: target, room: make(chan struct{}, c.MaximumConcurrency), cancel: cancel}
	s.running.Go(func() { s.poll(ctx) })
	return s, nil
}

// Close stops polling and cancels running invocations, and waits until nothing of
// the source is left. Messages in progress stay in the queue.
func (s *Source) Close() error {
	s.cancel()
	s.running.Wait()
	return nil
}
