package redrive

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// unreadable is a store that cannot read the members of some room.
type unreadable struct {
	delivery.MemberStore
	roomID string
}

var errDown = errors.New("down")

func (u unreadable) Member(ctx context.Context, connectionID string, m members.Membership) (members.Member, error) {
	if m.RoomID == u.roomID {
		return members.Member{}, errDown
	}
	return u.MemberStore.Member(ctx, connectionID, m)
}

// TestFailures: whatever fails, no job is lost, and none stays hidden.
func TestFailures(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*world)
		jobs  int // that were queued
		want  string
	}{
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
				t.Errorf("left %d letters, %d of them hidden, and queued %d jobs; reported %d", len(w.dead.letters), len(w.dead.hidden), len(w.jobs.Jobs()), s.Jobs)
			}
		})
	}
}

// TestUnclear: a job whose members cannot be read is left, and the others
// continue.
func TestUnclear(t *testing.T) {
	t.Parallel()
	unreadableJob := message("behind")
	unreadableJob.RoomID = "arena"
	w := newWorld(t, message("behind"), unreadableJob, message("behind"), unreadableJob)
	w.Members = unreadable{w.memory, "arena"}
	var left []Report
	s, err := w.Run(t.Context(), Options{Send: true}, func(r Report) error {
		if r.Action == Leave {
			left = append(left, r)
		}
		return nil
	})
	const problem = `determine the recipients of seq 7 of room "arena"`
	if !errors.Is(err, errDown) || !strings.HasPrefix(err.Error(), "left 2 of the jobs; the first: "+problem) {
		t.Errorf("got the error %v", err)
	}
	if want := (Summary{Jobs: 4, Sent: 2, Pending: 2, Unclear: 2}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if len(left) != 2 || !strings.HasPrefix(left[0].Problem, problem) || left[0].Seq != 7 || left[0].Body != "" {
		t.Errorf("what is left is described as %+v", left)
	}
	for _, l := range w.dead.letters {
		if l.Job.RoomID != "arena" || w.dead.hidden[l.MessageID] {
			t.Errorf("left %s of room %s, hidden: %v", l.MessageID, l.Job.RoomID, w.dead.hidden)
		}
	}
	if len(w.dead.letters) != 2 || len(w.jobs.Jobs()) != 2 {
		t.Errorf("left %d letters and queued %d jobs, want 2 and 2", len(w.dead.letters), len(w.jobs.Jobs()))
	}
}

// TestReleaseGoesOn: a message that cannot be made visible again does not
// affect the others.
func TestReleaseGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, message("behind"), message("behind"), message("behind"), message("behind"))
	w.dead.stuck = map[string]bool{"m0": true, "m2": true}
	_, err := w.Run(t.Context(), Options{}, func(Report) error { return nil })
	if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "m0") || !strings.Contains(err.Error(), "m2") {
		t.Errorf("got %v, want the errors of m0 and m2", err)
	}
	if len(w.dead.hidden) != 2 || !w.dead.hidden["m0"] || !w.dead.hidden["m2"] {
		t.Errorf("hidden are %v, want m0 and m2", w.dead.hidden)
	}
}

// TestReceivedAgain: of a message that was received twice only the newest
// receipt is released.
func TestReceivedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, message("behind"), message("behind"))
	w.dead.again = true
	reports, _ := w.run(t, Options{})
	if len(reports) != 2 || w.dead.released != 2 || len(w.dead.hidden) != 0 {
		t.Errorf("%d reports, %d releases, hidden %v; want 2, 2 and none", len(reports), w.dead.released, w.dead.hidden)
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
