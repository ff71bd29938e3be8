package queues_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/queues"
)

// A function that crashes fails its batch: the messages come back when their
// visibility timeout has passed, maxReceiveCount times, and then lie in the
// dead-letter queue.
func TestACrashGoesToTheDeadLetterQueue(t *testing.T) {
	t.Parallel()
	dir, c := buildBootstrap(t), startCloud(t)
	dead, deadARN := c.queue(t, "dead", nil)
	in, inARN := c.queue(t, "in", map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, deadARN),
	})
	function := newFunction(t, c, dir, func(f *functions.Config) {
		f.Env = map[string]string{"OUT_QUEUE_URL": dead}
	})
	var mu sync.Mutex
	var invoked []time.Time
	c.send(t, in, "g", "1", "crash")
	startSource(t, c.client, invokerFunc(func(ctx context.Context, event []byte) ([]byte, error) {
		mu.Lock()
		invoked = append(invoked, time.Now())
		mu.Unlock()
		return lambdaTarget{function}.Invoke(ctx, event)
	}), func(s *queues.Config) { s.URL, s.ARN, s.ReportBatchItemFailures = in, inARN, true })

	if got := strings.Join(c.receive(t, dead, 1), " "); got != "g/crash" {
		t.Errorf("dead letters %q", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(invoked) != 2 || invoked[1].Sub(invoked[0]) < 900*time.Millisecond {
		t.Errorf("invoked at %v, want twice, the visibility timeout of a second apart", invoked)
	}
}

// A function with less reserved concurrency than its event source uses is
// throttled, and still gets every message: a throttle is not a failure.
func TestThrottledBatchesAreTriedAgain(t *testing.T) {
	t.Parallel()
	dir, c := buildBootstrap(t), startCloud(t)
	out, _ := c.queue(t, "out", nil)
	dead, deadARN := c.queue(t, "dead", nil)
	in, inARN := c.queue(t, "in", map[string]string{
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1}`, deadARN),
		"VisibilityTimeout": "10",
	})
	one := 1
	function := newFunction(t, c, dir, func(f *functions.Config) {
		f.Env, f.Reserved = map[string]string{"OUT_QUEUE_URL": out}, &one
	})
	for _, group := range []string{"a", "b", "c"} {
		c.send(t, in, group, group, "slow")
	}
	startSource(t, c.client, lambdaTarget{function}, func(s *queues.Config) {
		s.URL, s.ARN, s.BatchSize, s.VisibilityTimeout = in, inARN, 1, 10*time.Second
	})
	got := c.receive(t, out, 3)
	slices.Sort(got)
	if strings.Join(got, " ") != "a/slow b/slow c/slow" {
		t.Errorf("passed on %q", got)
	}
	if n := c.depth(t, dead); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

// Groups are processed concurrently, and the messages of a group in order.
func TestGroupsAreWhatRunsInParallel(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	in, inARN := c.queue(t, "in", map[string]string{"VisibilityTimeout": "10"})
	for i, sent := range []string{"g/1", "g/2", "h/1", "h/2"} {
		group, body, _ := strings.Cut(sent, "/")
		c.send(t, in, group, fmt.Sprint(i), body)
	}
	var mu sync.Mutex
	running, together := map[string]int{}, 0
	var order []string
	done := make(chan struct{}, 4)
	startSource(t, c.client, invokerFunc(func(_ context.Context, event []byte) ([]byte, error) {
		group, body := only(t, event)
		mu.Lock()
		order = append(order, group+body)
		running[group]++
		if running[group] > 1 {
			t.Errorf("group %s runs twice at once", group)
		}
		together = max(together, len(running))
		mu.Unlock()
		time.Sleep(200 * time.Millisecond)
		mu.Lock()
		delete(running, group)
		mu.Unlock()
		done <- struct{}{}
		return nil, nil
	}), func(s *queues.Config) { s.URL, s.ARN, s.BatchSize = in, inARN, 1 })
	for range 4 {
		await(t, "an invocation", done)
	}
	mu.Lock()
	defer mu.Unlock()
	if together != 2 {
		t.Errorf("%d groups ran at once, want 2", together)
	}
	slices.SortStableFunc(order, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	if got := strings.Join(order, " "); got != "g1 g2 h1 h2" {
		t.Errorf("order %s", got)
	}
}
