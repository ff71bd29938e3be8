package realtime

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// make makes posts at the pace, of which one in so many is throttled.
func (p *pace) make(n, throttledOneIn int) {
	for i := range n {
		p.begin()
		var err error
		if throttledOneIn > 0 && i%throttledOneIn == 0 {
			err = fmt.Errorf("post: %w", ErrThrottled)
		}
		p.end(err)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	p := newPace(maxInAir)
	if p.slowed() {
		t.Error("is slow from the start")
	}
	p.make(1000, 50)
	if p.slowed() {
		t.Errorf("a few slow clients slow everybody: %d in the air", p.limit)
	}
	p.make(maxInAir, 2)
	if p.limit != maxInAir/2 {
		t.Errorf("%d in the air after half the posts were throttled", p.limit)
	}
	p.make(1000, 1)
	if p.limit != minInAir {
		t.Errorf("%d in the air while all are throttled", p.limit)
	}
	for range 1000 {
		p.begin()
		p.end(errors.New("500"))
	}
	if p.slowed() {
		t.Errorf("%d in the air long after the last 429", p.limit)
	}
}

// TestPaceBounds has a server that takes so many posts at a time, and answers
// 429 to more.
func TestPaceBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const takes = 30
		p := newPace(maxInAir)
		var mu sync.Mutex
		inAir, refused, done := 0, 0, 0
		inParallel(20_000, maxInAir, func(int) {
			for sent := false; !sent; {
				p.begin()
				mu.Lock()
				inAir++
				ok := inAir <= takes
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
				mu.Lock()
				inAir--
				mu.Unlock()
				if sent = ok; ok {
					p.end(nil)
					continue
				}
				mu.Lock()
				refused++
				mu.Unlock()
				p.end(ErrThrottled)
			}
			mu.Lock()
			done++
			mu.Unlock()
		})
		if done != 20_000 || refused > done/5 {
			t.Errorf("%d posts were refused for %d that were taken", refused, done)
		}
	})
}
