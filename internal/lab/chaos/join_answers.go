package chaos

import (
	"context"
	"sync"
	"time"
)

// JoinAnswer is the answer to a join, and what was not in the log then.
type JoinAnswer struct {
	At     time.Time
	Device string
	Room   string
	// Seq is the seq that the answer named: the client counts on it that
	// nothing new comes at or below it.
	Seq int64
	// Gaps are the seqs up to Seq at which there was neither a message nor a
	// void, when the answer was on its way.
	Gaps []int64
}

// gapSpan is how many of the seqs up to the one that a join named are looked at:
// more than a room takes while the slowest write is under way.
const gapSpan = 120

// joinAnswers looks at the log whenever a join is answered.
type joinAnswers struct {
	gaps    func(ctx context.Context, room string, upTo int64) ([]int64, error)
	looking sync.WaitGroup

	mu    sync.Mutex
	found []JoinAnswer
	err   error
}

// answered looks for gaps up to the seq that a join has just named. What is put
// there from now on is put after the answer was given.
func (e *joinAnswers) answered(device, room string, seq int64) {
	at := time.Now()
	e.looking.Go(func() {
		gaps, err := e.gaps(context.Background(), room, seq)
		e.mu.Lock()
		defer e.mu.Unlock()
		if err != nil {
			e.err = err
			return
		}
		e.found = append(e.found, JoinAnswer{At: at, Device: device, Room: room, Seq: seq, Gaps: gaps})
	})
}

// all returns what was found, when every look is done.
func (e *joinAnswers) all() ([]JoinAnswer, error) {
	e.looking.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.found, e.err
}
