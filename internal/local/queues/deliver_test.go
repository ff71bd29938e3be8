package queues_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/queues"
)

// bodies reads an event's message ids.
func ids(t *testing.T, event []byte) string {
	t.Helper()
	var e struct {
		Records []struct{ MessageID string }
	}
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range e.Records {
		ids = append(ids, r.MessageID)
	}
	return strings.Join(ids, " ")
}

// only reads an event's one message.
func only(t *testing.T, event []byte) (group, body string) {
	t.Helper()
	var e struct {
		Records []struct {
			Body       string
			Attributes map[string]string
		}
	}
	if err := json.Unmarshal(event, &e); err != nil || len(e.Records) != 1 {
		t.Fatalf("event %s: %v", event, err)
	}
	return e.Records[0].Attributes["MessageGroupId"], e.Records[0].Body
}

// batch makes messages of one group.
func batch(ids ...string) []types.Message {
	var b []types.Message
	for _, id := range ids {
		m := message(id)
		m.Attributes = map[string]string{"MessageGroupId": "g"}
		b = append(b, m)
	}
	return b
}

func inject(t *testing.T, r faults.Rule) *faults.Injector {
	t.Helper()
	i := faults.New(1)
	r.Service, r.Operation, r.Function, r.Resource = "sqs", "Deliver", "Fn", "q*"
	if _, err := i.Add(r); err != nil {
		t.Fatal(err)
	}
	i.Begin()
	return i
}

func TestFaultsOfADelivery(t *testing.T) {
	t.Parallel()
	const fifo = queueARN + ".fifo"
	tests := []struct {
		name, arn string
		rule      faults.Rule
		want      []string // the invocations
	}{
		{"none", queueARN, faults.Rule{Nth: 9, Duplicate: true}, []string{"1 2 3"}},
		{"twice", queueARN, faults.Rule{Nth: 2, Duplicate: true}, []string{"1 2 3", "2"}},
		{"late", queueARN, faults.Rule{Nth: 1, Late: 50 * time.Millisecond}, []string{"2 3", "1"}},
		{"all late", queueARN, faults.Rule{Late: 50 * time.Millisecond}, []string{"1 2 3"}},
		{"twice in a group", fifo, faults.Rule{Nth: 2, Duplicate: true}, []string{"1 2 3", "2"}},
		{"late in a group", fifo, faults.Rule{Nth: 2, Late: 50 * time.Millisecond}, []string{"1", "2 3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			queue := newFakeQueue()
			events := make(chan string, 10)
			s := startSource(t, queue, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
				events <- ids(t, event)
				return nil, nil
			}), func(c *queues.Config) { c.ARN, c.Function, c.Faults = tt.arn, "Fn", inject(t, tt.rule) })
			queue.batches <- batch("1", "2", "3")
			var got []string
			for range tt.want {
				got = append(got, await(t, "an invocation", events))
			}
			for len(queue.deletions()) < 3 {
				await(t, "a deletion", queue.changed)
			}
			_ = s.Close()
			if !slices.Equal(got, tt.want) || len(events) > 0 || len(queue.deletions()) != 3 {
				t.Errorf("invoked with %q and %d more, deleted %q; want %q", got, len(events), queue.deletions(), tt.want)
			}
		})
	}
}

// A message that is not deleted stays in the queue, though it was processed.
func TestAnUndeletedMessage(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	events := make(chan string, 10)
	s := startSource(t, queue, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		events <- ids(t, event)
		return nil, nil
	}), func(c *queues.Config) { c.Function, c.Faults = "Fn", inject(t, faults.Rule{Nth: 2, Undeleted: true}) })
	queue.batches <- batch("1", "2", "3")
	await(t, "a deletion", queue.changed)
	_ = s.Close()
	if got := await(t, "an invocation", events); got != "1 2 3" || !slices.Equal(queue.deletions(), []string{"r1", "r3"}) {
		t.Errorf("invoked with %s, deleted %q", got, queue.deletions())
	}
}

type throttle struct{ error }

func (throttle) Throttled() bool { return true }

func TestAThrottledFunction(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		visibility time.Duration
		throttles  int
		want       string // the deleted messages
	}{
		{"until it runs", 30 * time.Second, 2, "r1"},
		{"as long as the messages are invisible", time.Second, 20, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			queue := newFakeQueue()
			calls := make(chan int, 20)
			n := 0
			s := startSource(t, queue, invokerFunc(func(context.Context, []byte) ([]byte, error) {
				n++
				calls <- n
				if n <= tt.throttles {
					return nil, throttle{errors.New("rate exceeded")}
				}
				return nil, nil
			}), func(c *queues.Config) { c.VisibilityTimeout = tt.visibility })
			queue.batches <- batch("1")
			if tt.want != "" {
				await(t, "the deletion", queue.changed)
			} else {
				for await(t, "a call", calls) < 2 {
				}
				time.Sleep(tt.visibility)
				for len(calls) > 0 { // those until then
					<-calls
				}
				time.Sleep(tt.visibility)
			}
			_ = s.Close()
			if got := strings.Join(queue.deletions(), " "); got != tt.want {
				t.Errorf("deleted %q, want %q", got, tt.want)
			}
			if tt.want == "" && len(calls) > 0 {
				t.Errorf("called %d times more after the messages have become visible", len(calls))
			}
		})
	}
}

func TestABatchIsGathered(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	events := make(chan string, 10)
	startSource(t, queue, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		events <- ids(t, event)
		return nil, nil
	}), func(c *queues.Config) { c.BatchSize, c.Window = 12, 10*time.Second })
	queue.batches <- batch("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
	queue.batches <- batch("11", "12")
	if got := await(t, "the invocation", events); got != "1 2 3 4 5 6 7 8 9 10 11 12" {
		t.Errorf("invoked with %s", got)
	}
	for range 2 { // SQS deletes ten in a call
		await(t, "a deletion", queue.changed)
	}
	if n := len(queue.deletions()); n != 12 {
		t.Errorf("%d messages deleted, want 12", n)
	}
	if most := queue.asked[1].MaxNumberOfMessages; most != 2 {
		t.Errorf("asked for %d more, want 2", most)
	}
}

// The window ends with the messages received so far.
func TestTheWindowEnds(t *testing.T) {
	t.Parallel()
	queue := newFakeQueue()
	queue.idle = 10 * time.Millisecond
	events := make(chan string, 10)
	began := time.Now()
	startSource(t, queue, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		events <- ids(t, event)
		return nil, nil
	}), func(c *queues.Config) { c.BatchSize, c.Window = 100, time.Second })
	queue.batches <- batch("1")
	if got := await(t, "the invocation", events); got != "1" || time.Since(began) < time.Second {
		t.Errorf("invoked with %s after %s", got, time.Since(began))
	}
}
