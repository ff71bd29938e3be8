package roomcasttest

import (
	"errors"
	"sync"
	"time"
)

// Errors of inbox.next.
var (
	errEnded = errors.New("the connection has ended")
	errLate  = errors.New("no frame in time")
)

// inbox holds the frames that a test has not looked at yet, without a limit.
// One goroutine puts, one takes.
type inbox struct {
	mu     sync.Mutex
	frames []Frame
	news   chan struct{} // holds a token when there may be more than before
}

func newInbox() *inbox { return &inbox{news: make(chan struct{}, 1)} }

func (i *inbox) put(f Frame) {
	i.mu.Lock()
	i.frames = append(i.frames, f)
	i.mu.Unlock()
	select {
	case i.news <- struct{}{}:
	default:
	}
}

func (i *inbox) take() (Frame, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.frames) == 0 {
		return nil, false
	}
	f := i.frames[0]
	i.frames = i.frames[1:]
	return f, true
}

// next waits for a frame. It fails with errEnded when the connection has ended
// and every frame is taken, with errLate when the time is up before.
func (i *inbox) next(ended <-chan struct{}, timeout <-chan time.Time) (Frame, error) {
	for {
		if f, ok := i.take(); ok {
			return f, nil
		}
		select {
		case <-i.news:
		case <-ended:
			if f, ok := i.take(); ok {
				return f, nil
			}
			return nil, errEnded
		case <-timeout:
			return nil, errLate
		}
	}
}
