package frames

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	b := newBuckets(10)
	steps := []struct {
		later  time.Duration
		id     string
		frames int
		taken  int // how often in a row, before it is refused
		wait   time.Duration
	}{
		{0, "c1", 1, 20, 100 * time.Millisecond},
		{50 * time.Millisecond, "c1", 1, 0, 50 * time.Millisecond},
		{0, "c2", 3, 6, 100 * time.Millisecond},
		{50 * time.Millisecond, "c1", 1, 1, 100 * time.Millisecond},
		{time.Second, "c1", 5, 2, 500 * time.Millisecond},
		{time.Hour, "c1", 99, 1, 2 * time.Second}, // no more than a full one
		{-time.Minute, "c1", 1, 20, 100 * time.Millisecond},
	}
	for i, step := range steps {
		at = at.Add(step.later)
		for n := range step.taken {
			if wait := b.take(step.id, step.frames, at); wait != 0 {
				t.Errorf("step %d: refused after %d, for %v", i, n, wait)
			}
		}
		if wait := b.take(step.id, step.frames, at); wait != step.wait {
			t.Errorf("step %d: waits %v, want %v", i, wait, step.wait)
		}
	}
	for range 1000 {
		if wait := newBuckets(-1).take("c1", 1, at); wait != 0 {
			t.Fatalf("without a limit it waits %v", wait)
		}
	}
}

// TestBucketsAreBounded takes from so many that some are forgotten, but never
// one that is in use.
func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	b := newBuckets(1)
	for range 2 {
		b.take("busy", 1, at)
	}
	for i := range 3 * maxBuckets {
		b.take(fmt.Sprint("c", i), 1, at)
		if i%(maxBuckets/4) == 0 && b.take("busy", 1, at) == 0 {
			t.Fatalf("forgot a busy one after %d others", i)
		}
	}
	if n := len(b.young) + len(b.old); n > maxBuckets {
		t.Errorf("remembers %d, want %d at most", n, maxBuckets)
	}
}

// TestConcurrentTakes takes from one bucket at the same time, at no cost of
// memory.
func TestConcurrentTakes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_790_000_000, 0)
	b := newBuckets(50)
	var taken atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 20 {
				if b.take("c1", 1, at) == 0 {
					taken.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := taken.Load(); n != 100 {
		t.Errorf("took %d, want 100", n)
	}
}

func BenchmarkBuckets(b *testing.B) {
	counted, at := newBuckets(100), time.Now()
	b.ReportAllocs()
	for b.Loop() {
		counted.take("L0SM9cOFvHcCIhw=", 1, at)
	}
}
