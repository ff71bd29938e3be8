package redrive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

var now = time.UnixMilli(1_790_000_000_000)

// deadLetters is a dead-letter queue that returns three messages at a time.
type deadLetters struct {
	letters []queue.DeadLetter
	fail    error           // what Delete returns
	stuck   map[string]bool // these cannot be released
	again   bool            // every message is received twice, and the second receipt is valid

	hidden   map[string]bool
	deleted  []string
	released int
}

func (d *deadLetters) Receive(context.Context) ([]queue.DeadLetter, error) {
	const batch = 3
	var visible []queue.DeadLetter
	for _, l := range d.letters {
		if len(visible) < batch && !d.hidden[l.MessageID] {
			d.hidden[l.MessageID] = true
			visible = append(visible, l)
		}
	}
	if len(visible) == 0 && d.again {
		d.again = false
		for i := range d.letters {
			d.letters[i].Receives++
		}
		return d.letters, nil
	}
	return visible, nil
}

func (d *deadLetters) Delete(_ context.Context, l queue.DeadLetter) error {
	if d.fail != nil {
		return d.fail
	}
	d.deleted = append(d.deleted, l.MessageID)
	d.letters = slices.DeleteFunc(d.letters, func(kept queue.DeadLetter) bool { return kept.MessageID == l.MessageID })
	return nil
}

func (d *deadLetters) Release(ctx context.Context, l queue.DeadLetter) error {
	if d.stuck[l.MessageID] {
		return fmt.Errorf("%s: %w", l.MessageID, errDown)
	}
	for _, newest := range d.letters {
		if newest.MessageID == l.MessageID && newest.Receives != l.Receives {
			return errors.New("an old receipt")
		}
	}
	d.released++
	delete(d.hidden, l.MessageID)
	return ctx.Err()
}

// world is a stack whose lobby has members at different positions around seq 7.
type world struct {
	*Redriver
	memory *realtimetest.Memory
	dead   *deadLetters
	jobs   *realtimetest.Queue
	poster *realtimetest.Poster
}

func newWorld(t *testing.T, jobs ...delivery.Job) *world {
	t.Helper()
	w := &world{
		memory: realtimetest.NewMemory(func() time.Time { return now }),
		dead:   &deadLetters{hidden: map[string]bool{}},
		jobs:   &realtimetest.Queue{},
		poster: &realtimetest.Poster{ConfirmFunc: func(_ context.Context, id string) error {
			switch {
			case strings.HasPrefix(id, "cut"):
				return delivery.ErrGone
			case strings.HasPrefix(id, "unsure"):
				return errors.New("forbidden")
			}
			return nil
		}},
	}
	for id, st := range map[string]members.Status{
		"behind": {Established: true, AckedSeq: 6}, "there": {Established: true, AckedSeq: 7}, "ahead": {Established: true, AckedSeq: 9},
		"cut": {Established: true}, "cut-old": {}, "cut-young": {}, "unsure": {Established: true}, "left": {Established: true},
	} {
		connected := now.Add(-time.Minute)
		if id == "cut-young" {
			connected = now.Add(-time.Second)
		}
		w.connect(t, id, connected)
		if id == "left" {
			continue
		}
		if err := w.memory.Join(t.Context(), id, members.Membership{RoomID: "lobby"}, st, members.JoinConditions{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, j := range jobs {
		w.dead.letters = append(w.dead.letters, queue.DeadLetter{
			MessageID: fmt.Sprint("m", i), Job: j, Receives: 5 + i, SentAt: now.Add(-90 * time.Second),
		})
	}
	ids := 0
	w.Redriver = &Redriver{
		DeadLetters: w.dead, Connections: w.memory, Members: w.memory, Inboxes: w.memory, Poster: w.poster, Queue: w.jobs,
		Now: func() time.Time { return now }, NewID: func() string { ids++; return fmt.Sprint("attempt", ids) },
	}
	return w
}

func (w *world) connect(t *testing.T, id string, at time.Time) {
	t.Helper()
	err := w.memory.Connect(t.Context(), members.Connection{
		ID: id, UserID: "user of " + id, ConnectedAt: at, ExpiresAt: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// run runs and returns the reports.
func (w *world) run(t *testing.T, o Options) ([]Report, Summary) {
	t.Helper()
	var reports []Report
	s, err := w.Run(t.Context(), o, func(r Report) error { reports = append(reports, r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return reports, s
}

// message is a job of seq 7 for these connections of the lobby.
func message(pending ...string) delivery.Job {
	j := delivery.Job{RoomID: "lobby", Seq: 7, Frame: "{}", Cause: "throttled", Attempt: "first"}
	for _, id := range pending {
		j.Pending = append(j.Pending, delivery.Pending{ConnectionID: id, UserID: "user of " + id, ConnectedAt: now.Add(-time.Minute).UnixMilli(), Established: true})
	}
	return j
}

func verdicts(r Report) string {
	var all []string
	for _, c := range r.Connections {
		all = append(all, c.ConnectionID+" "+string(c.Verdict))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
