package redrive

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

func TestVerdicts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		job    delivery.Job
		want   string
		action Action
	}{
		{"members", message("behind", "there", "ahead", "unsure"), "ahead recovered, behind pending, there recovered, unsure pending", Send},
		{"gone and left", message("cut", "left", "unknown"), "cut gone, left left, unknown gone", Delete},
		{"a whole shard", message(), "ahead recovered, behind pending, cut gone, cut-old gone, cut-young pending, there recovered, unsure pending", Send},
		{"another shard", delivery.Job{RoomID: "lobby", Seq: 7, Shard: 1, Frame: "{}"}, "", Delete},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			reports, _ := newWorld(t, test.job).run(t, Options{})
			if len(reports) != 1 {
				t.Fatalf("got %d reports, want one", len(reports))
			}
			if got := verdicts(reports[0]); got != test.want || reports[0].Action != test.action {
				t.Errorf("got %s: %s, want %s: %s", reports[0].Action, got, test.action, test.want)
			}
			for _, c := range reports[0].Connections {
				if c.Why == "" || c.UserID != "user of "+c.ConnectionID {
					t.Errorf("the connection is explained as %+v", c)
				}
			}
		})
	}
}

func TestNotification(t *testing.T) {
	t.Parallel()
	job := message("behind", "there", "cut", "unknown")
	job.RoomID, job.Seq, job.NotificationID = "", 0, "01JA"
	w := newWorld(t, job)
	for user, ids := range map[string][]string{
		"user of behind": {"01I", "01JA", "01K"}, "user of there": {"01J", "01JB"}, "user of cut": {"01JA"}, "user of unknown": {"01JA"},
	} {
		for _, id := range ids {
			if _, err := w.memory.Add(t.Context(), user, inbox.Notification{ID: id, ExpiresAt: now.Add(time.Hour)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	reports, _ := w.run(t, Options{Send: true})
	if got := verdicts(reports[0]); got != "behind pending, cut gone, there acknowledged, unknown gone" {
		t.Errorf("got %s", got)
	}
	if jobs := w.jobs.Jobs(); len(jobs) != 1 || jobs[0].NotificationID != "01JA" || len(jobs[0].Pending) != 1 || jobs[0].Pending[0].ConnectionID != "behind" {
		t.Errorf("queued %+v", jobs)
	}
}

// TestListing reports everything and changes nothing.
func TestListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, message("behind"), message("cut"), message(), message("left"))
	w.dead.letters = append(w.dead.letters, queue.DeadLetter{MessageID: "odd", Body: "<xml>", Err: errors.New("no job"), SentAt: now})
	reports, s := w.run(t, Options{})
	if want := (Summary{Jobs: 5, Sent: 2, Pending: 4, Deleted: 2, Unknown: 1}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if r := reports[0]; r.MessageID != "m0" || r.RoomID != "lobby" || r.Seq != 7 || r.Cause != "throttled" || r.Receives != 5 || r.AgeSeconds != 90 {
		t.Errorf("the first job is described as %+v", r)
	}
	if r := reports[4]; r.Action != Leave || r.Body != "<xml>" || r.Problem != "no job" {
		t.Errorf("a message that is not a job is described as %+v", r)
	}
	posts, _ := w.poster.Calls()
	if len(w.dead.letters) != 5 || len(w.dead.hidden) != 0 || len(w.jobs.Jobs()) != 0 || posts != 0 {
		t.Errorf("left %d letters, %d of them hidden, %d jobs and %d posts, want nothing changed",
			len(w.dead.letters), len(w.dead.hidden), len(w.jobs.Jobs()), posts)
	}
}

// TestSending queues jobs for the pending connections only, and empties the
// queue except for messages that are not jobs.
func TestSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, message("behind", "cut", "there"), message("left"), message("behind"), message())
	w.dead.letters = append(w.dead.letters, queue.DeadLetter{MessageID: "odd", Err: errors.New("no job"), SentAt: now})
	_, s := w.run(t, Options{Send: true})
	if want := (Summary{Jobs: 5, Sent: 3, Pending: 5, Deleted: 1, Unknown: 1}); s != want {
		t.Errorf("got %+v, want %+v", s, want)
	}
	if len(w.dead.letters) != 1 || w.dead.letters[0].MessageID != "odd" || len(w.dead.hidden) != 4 || w.dead.hidden["odd"] {
		t.Errorf("left %+v, hidden %v, want a message that is not a job, visible", w.dead.letters, w.dead.hidden)
	}
	var got []string
	attempts := map[string]bool{}
	for _, j := range w.jobs.Jobs() {
		var pending []string
		for _, o := range j.Pending {
			if !o.Established && o.ConnectionID != "cut-young" || o.UserID != "user of "+o.ConnectionID || o.ConnectedAt == 0 {
				t.Errorf("the job names %+v", o)
			}
			pending = append(pending, o.ConnectionID)
		}
		slices.Sort(pending)
		got = append(got, strings.Join(pending, " "))
		attempts[j.Attempt] = true
		if j.RoomID != "lobby" || j.Seq != 7 || j.Frame != "{}" || j.Cause != "throttled" {
			t.Errorf("the job is %+v", j)
		}
	}
	if want := []string{"behind", "behind", "behind cut-young unsure"}; !slices.Equal(got, want) {
		t.Errorf("queued for %q, want %q", got, want)
	}
	if len(attempts) != 3 || attempts["first"] {
		t.Errorf("the jobs are of the attempts %v, want one each", attempts)
	}
	if again, _ := w.run(t, Options{Send: true}); len(again) != 1 {
		t.Errorf("a second run finds %d messages, want a message that is not a job", len(again))
	}
}

// TestManyPending splits a job that would name too many connections.
func TestManyPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, delivery.Job{RoomID: "arena", Seq: 1, Frame: "{}"})
	const many = 2*delivery.MaxPending + 1
	for i := range many {
		id := fmt.Sprint("c", i)
		w.connect(t, id, now.Add(-time.Hour))
		if err := w.memory.Join(t.Context(), id, members.Membership{RoomID: "arena"}, members.Status{}, members.JoinConditions{}); err != nil {
			t.Fatal(err)
		}
	}
	_, s := w.run(t, Options{Send: true})
	pending := map[string]bool{}
	for _, j := range w.jobs.Jobs() {
		if len(j.Pending) > delivery.MaxPending {
			t.Errorf("a job names %d connections", len(j.Pending))
		}
		for _, o := range j.Pending {
			pending[o.ConnectionID] = true
		}
	}
	if s.Pending != many || len(pending) != many || len(w.jobs.Jobs()) != 3 {
		t.Errorf("%d jobs for %d connections, counted as %d; want 3 jobs for %d", len(w.jobs.Jobs()), len(pending), s.Pending, many)
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	for _, send := range []bool{false, true} {
		w := newWorld(t, message("behind"), message("behind"), message("behind"), message("behind"), message("behind"))
		reports, s := w.run(t, Options{Send: send, Limit: 4})
		if len(reports) != 4 || s.Jobs != 4 {
			t.Errorf("send %v: looked at %d jobs, want 4", send, len(reports))
		}
		if want := map[bool]int{false: 5, true: 1}[send]; len(w.dead.letters) != want {
			t.Errorf("send %v: left %d letters, want %d", send, len(w.dead.letters), want)
		}
		for _, l := range w.dead.letters {
			if w.dead.hidden[l.MessageID] {
				t.Errorf("send %v: %s is still hidden", send, l.MessageID)
			}
		}
	}
}
