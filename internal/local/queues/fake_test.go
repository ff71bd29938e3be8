package queues_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/queues"
)

// fakeQueue returns batches and records deleted messages.
type fakeQueue struct {
	batches chan []types.Message
	errs    chan error // errors for the next receives
	mu      sync.Mutex
	asked   []*sqs.ReceiveMessageInput
	deleted []string
	refuse  bool          // deletes fail
	idle    time.Duration // after this many, a receive finds nothing; 0: never
	changed chan struct{}
}

var _ queues.Queue = (*fakeQueue)(nil)

func newFakeQueue() *fakeQueue {
	return &fakeQueue{batches: make(chan []types.Message, 100), errs: make(chan error, 100), changed: make(chan struct{}, 100)}
}

func (q *fakeQueue) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, _ ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	q.mu.Lock()
	q.asked = append(q.asked, in)
	q.mu.Unlock()
	var idle <-chan time.Time
	if q.idle > 0 {
		idle = time.After(q.idle)
	}
	select {
	case <-idle:
		return &sqs.ReceiveMessageOutput{}, nil
	case batch := <-q.batches:
		return &sqs.ReceiveMessageOutput{Messages: batch}, nil
	case err := <-q.errs:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (q *fakeQueue) DeleteMessageBatch(_ context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		if q.refuse {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: e.Id, Code: aws.String("ReceiptHandleIsInvalid")})
			continue
		}
		q.deleted = append(q.deleted, *e.ReceiptHandle)
	}
	q.changed <- struct{}{}
	return out, nil
}

// deletions returns the receipt handles deleted, in order.
func (q *fakeQueue) deletions() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Sorted(slices.Values(q.deleted))
}

// invokerFunc lets a function be an Invoker.
type invokerFunc func(ctx context.Context, event []byte) ([]byte, error)

func (f invokerFunc) Invoke(ctx context.Context, event []byte) ([]byte, error) { return f(ctx, event) }

// message has the receipt handle r<id>.
func message(id string) types.Message {
	return types.Message{MessageId: &id, ReceiptHandle: aws.String("r" + id), Body: aws.String("body of " + id)}
}

const queueARN = "arn:aws:sqs:us-east-1:000000000000:q"

// startSource starts a source on a queue, with defaults that change may change.
func startSource(t *testing.T, queue queues.Queue, target queues.Invoker, change func(*queues.Config)) *queues.Source {
	t.Helper()
	c := queues.Config{
		URL: "https://sqs.us-east-1.amazonaws.com/000000000000/q", ARN: queueARN,
		Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	s, err := queues.Start(c, queue, target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func await[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(5 * time.Second):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}
