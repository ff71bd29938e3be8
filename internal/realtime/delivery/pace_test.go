package delivery

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
)

// make makes posts at the pace. One of every so many is throttled.
func (p *Pace) make(n, throttledOneIn int) {
	for i := range n {
		p.Begin()
		var err error
		if throttledOneIn > 0 && i%throttledOneIn == 0 {
			err = fmt.Errorf("post: %w", ErrThrottled)
		}
		p.End(err)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	p := NewPace(maxInFlight)
	if p.slowed() {
		t.Error("is slow from the start")
	}
	p.make(1000, 50)
	if p.slowed() {
		t.Errorf("a few slow clients slow everybody: %d in flight", p.limit)
	}
	p.make(maxInFlight, 2)
	if p.limit != maxInFlight/2 {
		t.Errorf("%d in flight after half the posts were throttled", p.limit)
	}
	p.make(1000, 1)
	if p.limit != minInFlight {
		t.Errorf("%d in flight while all are throttled", p.limit)
	}
	for range 1000 {
		p.Begin()
		p.End(errors.New("500"))
	}
	if p.slowed() {
		t.Errorf("%d in flight long after the last 429", p.limit)
	}
}

// TestPaceBounds has a server that takes a number of posts at a time, and answers 429 to
// more.
func TestPaceBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const takes = 30
		p := NewPace(maxInFlight)
		var mu sync.Mutex
		inFlight, refused, done := 0, 0, 0
		_ = base.ForEach(20_000, maxInFlight, func(int) error {
			for sent := false; !sent; {
				p.Begin()
				mu.Lock()
				inFlight++
				ok := inFlight <= takes
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
				mu.Lock()
				inFlight--
				mu.Unlock()
				if sent = ok; ok {
					p.End(nil)
					continue
				}
				mu.Lock()
				refused++
				mu.Unlock()
				p.End(ErrThrottled)
			}
			mu.Lock()
			done++
			mu.Unlock()
			return nil
		})
		if done != 20_000 || refused > done/5 {
			t.Errorf("%d posts were refused for %d that were taken", refused, done)
		}
	})
}
