package redrive

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime"
)

// unreadable is a store that cannot read members.
type unreadable struct{ realtime.Connections }

var errDown = errors.New("down")

func (unreadable) Member(context.Context, string, string) (realtime.Member, error) {
	return realtime.Member{}, errDown
}

// TestFailures: whatever goes wrong, no job is lost, and none stays hidden.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*world)
		jobs  int // that were queued
		want  string
	}{
		{"a table", func(w *world) { w.Connections = unreadable{w.memory} }, 0, `find out who is owed seq 7 of room "lobby"`},
		{"the queue of jobs", func(w *world) { w.jobs.Err = errDown }, 0, `queue seq 7 of room "lobby" again`},
		{"the dead-letter queue", func(w *world) { w.dead.fail = errDown }, 1, `remove seq 7 of room "lobby" from the dead-letter queue`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, message("behind"), message("behind"))
			test.spoil(w)
			s, err := w.Run(t.Context(), Options{Send: true}, func(Report) error { return nil })
			if !errors.Is(err, errDown) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got the error %v, want %q", err, test.want)
			}
			if len(w.dead.letters) != 2 || len(w.dead.hidden) != 0 || len(w.jobs.Jobs()) != test.jobs || s.Jobs != 0 {
				t.Errorf("left %d letters, %d of them hidden, and queued %d jobs; told of %d", len(w.dead.letters), len(w.dead.hidden), len(w.jobs.Jobs()), s.Jobs)
			}
		})
	}
}

// TestInterrupted: what was received is visible again after an interruption.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, message("behind"), message("behind"))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.Run(ctx, Options{}, func(Report) error { cancel(); return ctx.Err() })
	if !errors.Is(err, context.Canceled) || len(w.dead.hidden) != 0 {
		t.Errorf("got %v, and %d letters are hidden, want none", err, len(w.dead.hidden))
	}
}
