package chaos

import (
	"context"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/redrive"
)

// Counts of the redrives of dead letters during the run.
const (
	// Redrives counts the redrives that succeeded.
	Redrives = "redrives"
	// Redriven counts the dead letters that were queued again, or removed because
	// they had no pending recipients.
	Redriven = "redrivenJobs"
)

// redriveAgain redrives the dead-letter queue repeatedly until ctx ends, through
// the same failing services as everything else. A redrive that fails leaves the
// rest to the next one.
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
	// Before it is removed: it may be removed although the answer is an error.
	l.run.mu.Lock()
	l.run.history.Redriven = append(l.run.history.Redriven, readJob(letter.Body))
	l.run.mu.Unlock()
	err := l.DeadLetters.Delete(ctx, letter)
	if err == nil {
		l.run.strike(Redriven, 1)
	}
	return err
}
