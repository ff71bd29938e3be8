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

// Queue is what an event source needs of SQS. [sqs.Client] is one.
type Queue interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Invoker runs the function. Any error means that the batch has failed, save
// one with a method Throttled that returns true: then the function has not been
// run, and may be later.
type Invoker interface {
	Invoke(ctx context.Context, event []byte) ([]byte, error)
}

// Config describes an event source.
type Config struct {
	// URL and ARN are the queue's. Required.
	URL, ARN string
	// Function is what faults know the function by. Default: none.
	Function string
	// Region is told in the event. Default: us-east-1.
	Region string
	// BatchSize is the most messages in one invocation. Default: 10.
	BatchSize int
	// Window is how long messages are gathered for a batch that is not full.
	// Default: 0, an invocation gets what one receive has found.
	Window time.Duration
	// ReportBatchItemFailures has the function's response read for the
	// messages that failed. Default: a response means that all succeeded.
	ReportBatchItemFailures bool
	// MaximumConcurrency bounds the invocations that run at once. Default: 10.
	MaximumConcurrency int
	// VisibilityTimeout is the queue's: so long a batch is tried again when
	// the function is throttled. Default: SQS's 30 s.
	VisibilityTimeout time.Duration
	// Faults is asked before each delivery what goes wrong with it. Default:
	// nothing does.
	Faults *faults.Injector
	// Logger gets failures of the queue and of the function. Default: slog's.
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

// queue is the queue's name, the last part of its ARN.
func (c Config) queue() string { return c.ARN[strings.LastIndex(c.ARN, ":")+1:] }

// isFIFO says whether the queue keeps the order of its groups.
func (c Config) isFIFO() bool { return strings.HasSuffix(c.ARN, ".fifo") }

// Source is a running event source.
type Source struct {
	config  Config
	queue   Queue
	target  Invoker
	room    chan struct{} // holds one for each batch that is being processed
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
	c = c.withDefaults()
	s := &Source{config: c, queue: queue, target: target, room: make(chan struct{}, c.MaximumConcurrency), cancel: cancel}
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
