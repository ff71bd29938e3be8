package chaos

import (
	"context"
	"sync"
	"time"
)

// JoinAnswer is the answer to a join, and the gaps of the log at that time.
type JoinAnswer struct {
	At     time.Time
	Device string
	Room   string
	// Seq is the seq that the answer named: the client relies on no new message
	// coming at or below it.
	Seq int64
	// Gaps are the seqs up to Seq that had neither a message nor a tombstone when
	// the answer was on its way.
	Gaps []int64
}

// gapSpan is how many seqs below the one that a join named are checked: more than
// a room gets during the slowest write.
const gapSpan = 120

// joinAnswers reads the log when a join is answered.
type joinAnswers struct {
	gaps    func(ctx context.Context, room string, upTo int64) ([]int64, error)
	looking sync.WaitGroup

	mu    sync.Mutex
	found []JoinAnswer
	err   error
}

// answered looks for gaps up to the seq that a join has just named. A message that
// is put there later comes after the answer.
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

// all returns the answers when all reads are done.
func (e *joinAnswers) all() ([]JoinAnswer, error) {
	e.looking.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.found, e.err
}
