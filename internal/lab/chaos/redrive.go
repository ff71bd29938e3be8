package chaos

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/redrive"
)

// What is counted of the redrives of dead letters, while everything goes on.
const (
	// Redrives are those that went through.
	Redrives = "redrives"
	// Redriven are the dead letters that were queued again, or removed because
	// nobody still waited for them.
	Redriven = "redrivenJobs"
)

// redriveAgain empties the dead-letter queue again and again, until ctx ends, as
// an operator would: through the services that fail for everybody else. A run
// that fails leaves what it has not done to the next.
func (r *run) redriveAgain(ctx context.Context) {
	redriver := *r.target.Redriver
	redriver.DeadLetters = recordedLetters{redriver.DeadLetters, r}
	random := r.schedule.random("redrives")
	for faults.Sleep(ctx, between(random, 3*time.Second, 12*time.Second)) {
		if _, err := redriver.Run(ctx, redrive.Options{Send: true}, func(redrive.Report) error { return nil }); err == nil {
			r.strike(Redrives, 1)
		} else if ctx.Err() == nil {
			r.count("failedRedrives", 1)
		}
	}
}

// recordedLetters records the dead letters that are removed.
type recordedLetters struct {
	redrive.DeadLetters
	run *run
}

func (l recordedLetters) Delete(ctx context.Context, letter queue.DeadLetter) error {
	// Before it is removed: it may be, though the answer says otherwise.
	l.run.mu.Lock()
	l.run.history.Redriven = append(l.run.history.Redriven, readJob(letter.Body))
	l.run.mu.Unlock()
	err := l.DeadLetters.Delete(ctx, letter)
	if err == nil {
		l.run.strike(Redriven, 1)
	}
	return err
}
