package queues_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/queues"
)

// worker records its invocations of one message each.
type worker struct {
	t    *testing.T
	done chan struct{}

	mu      sync.Mutex
	running map[string]bool // by group
	most    int
	order   []string
}

func newWorker(t *testing.T) *worker {
	return &worker{t: t, done: make(chan struct{}, 100), running: map[string]bool{}}
}

func (w *worker) Invoke(_ context.Context, event []byte) ([]byte, error) {
	group, body := only(w.t, event)
	w.mu.Lock()
	if w.running[group] {
		w.t.Errorf("group %s runs twice at once", group)
	}
	w.running[group] = true
	w.most = max(w.most, len(w.running))
	w.order = append(w.order, group+body)
	w.mu.Unlock()
	time.Sleep(50 * time.Millisecond)
	w.mu.Lock()
	delete(w.running, group)
	w.mu.Unlock()
	w.done <- struct{}{}
	return nil, nil
}

// Two high-throughput queues feed two functions. Each has as many concurrent
// invocations as its event source permits, and one for a group.
func TestConcurrentSources(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	workers := map[int]*worker{2: newWorker(t), 3: newWorker(t)} // by their limit
	for limit, w := range workers {
		url, arn := c.queue(t, fmt.Sprint("limit", limit), map[string]string{
			"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId", "VisibilityTimeout": "10",
		})
		for _, group := range []string{"f", "g", "h", "i"} {
			for _, body := range []string{"1", "2"} {
				c.send(t, url, group, group+body, body)
			}
		}
		startSource(t, c.client, w, func(s *queues.Config) {
			s.URL, s.ARN, s.BatchSize, s.MaximumConcurrency = url, arn, 1, limit
		})
	}
	for limit, w := range workers {
		for range 8 {
			await(t, "an invocation", w.done)
		}
		w.mu.Lock()
		if w.most != limit {
			t.Errorf("%d invocations at once, want %d", w.most, limit)
		}
		slices.SortStableFunc(w.order, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
		if got := strings.Join(w.order, " "); got != "f1 f2 g1 g2 h1 h2 i1 i2" {
			t.Errorf("order %s", got)
		}
		w.mu.Unlock()
	}
}
