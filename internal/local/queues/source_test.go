package queues_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/queues"
)

func TestWhatIsDeleted(t *testing.T) {
	t.Parallel()
	all, none := "r1 r2 r3", ""
	tests := []struct {
		name     string
		report   bool
		response string
		err      error
		want     string
	}{
		{"success", false, `null`, nil, all},
		{"success, failures not to be reported", false, `{"batchItemFailures":[{"itemIdentifier":"1"}]}`, nil, all},
		{"error", false, ``, errors.New("no luck"), none},
		{"error although failures are to be reported", true, ``, errors.New("no luck"), none},
		{"no failures", true, `{"batchItemFailures":[]}`, nil, all},
		{"null list", true, `{"batchItemFailures":null}`, nil, all},
		{"empty object", true, `{}`, nil, all},
		{"null", true, `null`, nil, all},
		{"nothing", true, ``, nil, all},
		{"one failure", true, `{"batchItemFailures":[{"itemIdentifier":"2"}]}`, nil, "r1 r3"},
		{"one failure named twice", true, `{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"2"}]}`, nil, "r1 r3"},
		{"all failed", true, `{"batchItemFailures":[{"itemIdentifier":"1"},{"itemIdentifier":"2"},{"itemIdentifier":"3"}]}`, nil, none},
		{"no JSON", true, `oops`, nil, none},
		{"another type", true, `["1"]`, nil, none},
		{"an empty identifier", true, `{"batchItemFailures":[{"itemIdentifier":""}]}`, nil, none},
		{"a null identifier", true, `{"batchItemFailures":[{"itemIdentifier":null}]}`, nil, none},
		{"a wrong key", true, `{"batchItemFailures":[{"messageId":"1"}]}`, nil, none},
		{"an unknown message", true, `{"batchItemFailures":[{"itemIdentifier":"9"}]}`, nil, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			queue := newFakeQueue()
			invoked := make(chan struct{}, 1)
			s := startSource(t, queue, invokerFunc(func(context.Context, []byte) ([]byte, error) {
				invoked <- struct{}{}
				return []byte(tt.response), tt.err
			}), func(c *queues.Config) { c.ReportBatchItemFailures = tt.report })
			queue.batches <- []types.Message{message("1"), message("2"), message("3")}
			await(t, "the invocation", invoked)
			if tt.want != none {
				await(t, "the deletion", queue.changed)
			}
			_ = s.Close()
			if got := strings.Join(queue.deletions(), " "); got != tt.want {
				t.Errorf("deleted %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	events := make(chan []byte, 1)
	startSource(t, queue, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		events <- event
		return nil, nil
	}), nil)
	queue.batches <- []types.Message{{
		MessageId: aws.String("m-1"), ReceiptHandle: aws.String("r-1"), Body: aws.String(`{"a":"<b>"}`),
		MD5OfBody: aws.String("b5"), MD5OfMessageAttributes: aws.String("a5"),
		Attributes: map[string]string{"ApproximateReceiveCount": "1", "MessageGroupId": "g"},
		MessageAttributes: map[string]types.MessageAttributeValue{
			"Text":   {DataType: aws.String("String"), StringValue: aws.String("t")},
			"Binary": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}},
		},
	}, message("m-2")}
	const want = `{"Records": [{
		"messageId": "m-1", "receiptHandle": "r-1", "body": "{\"a\":\"<b>\"}",
		"attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": "g"},
		"messageAttributes": {
			"Text": {"stringValue": "t", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
			"Binary": {"binaryValue": "AQI=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"}
		},
		"md5OfMessageAttributes": "a5", "md5OfBody": "b5", "eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q", "awsRegion": "us-east-1"
	}, {
		"messageId": "m-2", "receiptHandle": "rm-2", "body": "body of m-2", "attributes": null, "messageAttributes": {},
		"md5OfBody": "", "eventSource": "aws:sqs",
		"eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q", "awsRegion": "us-east-1"
	}]}`
	if got := normal(t, await(t, "the event", events)); got != normal(t, []byte(want)) {
		t.Errorf("event\n%s\nwant\n%s", got, normal(t, []byte(want)))
	}
}

// normal brings JSON into one form.
func normal(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestConcurrencyIsBoundedAndUsed(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	var running, most atomic.Int32
	release, began := make(chan struct{}), make(chan struct{}, 10)
	startSource(t, queue, invokerFunc(func(context.Context, []byte) ([]byte, error) {
		now := running.Add(1)
		defer running.Add(-1)
		most.Store(max(most.Load(), now))
		began <- struct{}{}
		<-release
		return nil, nil
	}), func(c *queues.Config) { c.MaximumConcurrency = 3 })
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		queue.batches <- []types.Message{message(id)}
	}
	for range 3 {
		await(t, "an invocation", began)
	}
	time.Sleep(30 * time.Millisecond)
	if left := len(queue.batches); left != 2 {
		t.Errorf("%d batches left in the queue while there is no room for them, want 2", left)
	}
	close(release)
	for range 5 {
		await(t, "a deletion", queue.changed)
	}
	if most.Load() != 3 {
		t.Errorf("%d invocations at once, want 3", most.Load())
	}
}

func TestReceiveRequest(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int32{0: 10, 1: 1, 7: 7, 10: 10, 100: 10} {
		queue := newFakeQueue()
		s := startSource(t, queue, invokerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil }),
			func(c *queues.Config) { c.BatchSize = size })
		queue.batches <- []types.Message{message("1")}
		await(t, "the deletion", queue.changed)
		_ = s.Close()
		in := queue.asked[0]
		if in.MaxNumberOfMessages != want || in.WaitTimeSeconds != 20 {
			t.Errorf("batch size %d asks for %d messages within %d s, want %d within 20", size, in.MaxNumberOfMessages, in.WaitTimeSeconds, want)
		}
		if !slices.Contains(in.MessageAttributeNames, "All") || !slices.Contains(in.MessageSystemAttributeNames, "All") {
			t.Errorf("asks for attributes %v and %v, want all", in.MessageAttributeNames, in.MessageSystemAttributeNames)
		}
	}
}

func TestGoesOnAfterFailures(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	queue.refuse = true
	startSource(t, queue, invokerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil }), nil)
	queue.errs <- errors.New("the queue is out of order")
	queue.batches <- []types.Message{message("1")}
	await(t, "the refused deletion", queue.changed)
	queue.batches <- []types.Message{message("2")}
	await(t, "the next one", queue.changed)
}

func TestCloseGivesUpOnARunningInvocation(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	began := make(chan struct{})
	s := startSource(t, queue, invokerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		close(began)
		<-ctx.Done()
		return nil, ctx.Err()
	}), nil)
	queue.batches <- []types.Message{message("1")}
	await(t, "the invocation", began)
	closed := make(chan struct{})
	go func() { _ = s.Close(); close(closed) }()
	await(t, "Close", closed)
	if d := queue.deletions(); len(d) > 0 {
		t.Errorf("deleted %q", d)
	}
}

func TestStartNeedsAQueue(t *testing.T) {
	t.Parallel()
	if _, err := queues.Start(queues.Config{URL: "http://x/q"}, newFakeQueue(), nil); err == nil {
		t.Error("no error without an ARN")
	}
}
