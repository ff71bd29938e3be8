package delivery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestRunFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *realtimetest.Options) { o.Connections = realtimetest.Broken{} })
	ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
	defer cancel()
	if err := w.App.Run(ctx, delivery.Job{RoomID: "lobby", Seq: 1}); !errors.Is(err, realtimetest.ErrBroken) {
		t.Errorf("got %v, want the store's error", err)
	}
	if ctx.Err() != nil {
		t.Error("there was no time left to report the failure")
	}
}

// pending is a job for two connections that did not get a message.
func pending() delivery.Job {
	return delivery.Job{
		RoomID: "lobby", Seq: 7, Frame: realtimetest.Hello, Cause: "throttled", Attempt: "id0",
		Pending: []delivery.Pending{
			{ConnectionID: "c1", UserID: "ada", ConnectedAt: realtimetest.Noon.Add(-time.Hour).UnixMilli(), Established: true},
			{ConnectionID: "c2", UserID: "bob", ConnectedAt: realtimetest.Noon.Add(-time.Hour).UnixMilli(), Established: true},
		},
	}
}

// TestRunPending posts to the connections that a job names, and to no others.
func TestRunPending(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.AddConnection("c3", "cyn", "lobby")
		if err := w.App.Run(w.Context(), pending()); err != nil {
			w.Fatal(err)
		}
		w.WantPosted("c1", realtimetest.Hello)
		w.WantPosted("c2", realtimetest.Hello)
		w.WantPosted("c3")
	})
}

// TestRunPendingHandsOn reaches one of two connections: another job names the other one.
func TestRunPendingHandsOn(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(errors.New("500"), "c2")
		if err := w.App.Run(w.Context(), pending()); err != nil {
			w.Fatal(err)
		}
		want := pending()
		want.Pending, want.Cause, want.Attempt = want.Pending[1:], "post to connection c2: 500", "id1"
		if got := w.Queue.Jobs(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			w.Errorf("queued %+v, want %+v", got, want)
		}
	})
}

// TestRunPendingFails reaches no connection: the job has to come back unchanged.
func TestRunPendingFails(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, "c1", "c2")
		if err := w.App.Run(w.Context(), pending()); !errors.Is(err, delivery.ErrThrottled) || len(w.Queue.Jobs()) != 0 {
			w.Errorf("got %v and queued %+v", err, w.Queue.Jobs())
		}
	})
}

// TestRunPendingForgets finds one connection gone, and the other with the message: nothing
// is left to do.
func TestRunPendingForgets(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.Poster.PostFunc = realtimetest.Gone("c1")
		w.Poster.ConfirmFunc = func(context.Context, string) error { return delivery.ErrGone }
		if err := w.App.Run(w.Context(), pending()); err != nil || len(w.Queue.Jobs()) != 0 {
			w.Errorf("got %v and queued %+v", err, w.Queue.Jobs())
		}
		w.WantMembers()
	})
}

// TestRunPendingSkips names a member that has left meanwhile, and one that acknowledged the
// message: it posts to neither.
func TestRunPendingSkips(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada")
		w.AddConnection("c2", "bob", "lobby")
		if err := w.Memory.SetStatus(w.Context(), "c2", members.Membership{RoomID: "lobby"}, members.Status{AckedSeq: 7}); err != nil {
			w.Fatal(err)
		}
		if err := w.App.Run(w.Context(), pending()); err != nil || len(w.Queue.Jobs()) != 0 {
			w.Errorf("got %v and queued %+v", err, w.Queue.Jobs())
		}
		if posts, _ := w.Poster.Calls(); posts != 0 {
			w.Errorf("made %d posts", posts)
		}
	})
}

// TestPendingIsSplit reaches none of many connections: no job names more than the maximum.
func TestPendingIsSplit(t *testing.T) {
	bubble(t, func(w *world) {
		var failed []string
		for i := range 2*delivery.MaxPending + 1 {
			failed = append(failed, fmt.Sprint("c", i))
			w.AddConnection(failed[i], "ada", "lobby")
		}
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, failed...)
		if err := w.App.Run(w.Context(), delivery.Job{RoomID: "lobby", Seq: 1, Frame: realtimetest.Hello}); err != nil {
			w.Fatal(err)
		}
		named := map[string]bool{}
		for _, j := range w.Queue.Jobs() {
			if len(j.Pending) > delivery.MaxPending {
				w.Errorf("a job names %d connections", len(j.Pending))
			}
			for _, o := range j.Pending {
				named[o.ConnectionID] = true
			}
		}
		if len(named) != len(failed) {
			w.Errorf("the jobs name %d connections, want %d", len(named), len(failed))
		}
	})
}

// TestRunQueuesWhatIsPending has a job for a whole shard that does not reach every member.
func TestRunQueuesWhatIsPending(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, "c2")
		if err := w.App.Run(w.Context(), delivery.Job{RoomID: "lobby", Seq: 1, Frame: realtimetest.Hello}); err != nil {
			w.Fatal(err)
		}
		jobs := w.Queue.Jobs()
		if len(jobs) != 1 || len(jobs[0].Pending) != 1 || jobs[0].Pending[0].ConnectionID != "c2" || jobs[0].Frame != realtimetest.Hello {
			w.Errorf("queued %+v", jobs)
		}
	})
}

// TestPendingNotification queues a notification for a connection that it did not
// reach, and delivers it from there.
func TestPendingNotification(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada")
		w.AddConnection("c2", "bob")
		w.Poster.PostFunc = realtimetest.Failing(delivery.ErrThrottled, "c2")
		w.Answer("notify", "c1", `{"action":"notify","userId":"bob","notification":1}`)
		jobs := w.Queue.Jobs()
		if len(jobs) != 1 || jobs[0].NotificationID != "id1" || jobs[0].RoomID != "" || len(jobs[0].Pending) != 1 {
			w.Fatalf("queued %+v", jobs)
		}
		body, err := json.Marshal(jobs[0])
		if err != nil {
			w.Fatal(err)
		}
		job, err := delivery.DecodeJob(body)
		if err != nil {
			w.Fatal(err)
		}
		w.Poster.PostFunc = nil
		if err := w.App.Run(w.Context(), job); err != nil || len(w.Poster.Posted("c2")) != 1 {
			w.Errorf("got %v, c2 got %q", err, w.Poster.Posted("c2"))
		}
	})
}

func TestDecodeJob(t *testing.T) {
	t.Parallel()
	good := `{"roomId":"lobby","seq":1,"shard":0,"frame":"{}"}`
	j, err := delivery.DecodeJob([]byte(good))
	if err != nil || j.RoomID != "lobby" || j.Seq != 1 || j.Frame != "{}" {
		t.Errorf("got %+v, %v", j, err)
	}
	for _, bad := range []string{
		"", "{}", "[]",
		strings.Replace(good, `"lobby"`, `""`, 1),
		strings.Replace(good, `"lobby"`, `"a\nb"`, 1),
		strings.Replace(good, `"seq":1`, `"seq":0`, 1),
		strings.Replace(good, `"shard":0`, `"shard":-1`, 1),
		strings.Replace(good, `"frame"`, `"fame"`, 1),
		`{"notificationId":"n1","frame":"{}"}`,
		`{"notificationId":"n1","roomId":"lobby","seq":1,"pending":[{"connectionId":"c1"}],"frame":"{}"}`,
		`{"roomId":"lobby","seq":1,"frame":"{}","pending":[{"userId":"ada"}]}`,
	} {
		if j, err := delivery.DecodeJob([]byte(bad)); err == nil {
			t.Errorf("%s: got %+v, want an error", bad, j)
		}
	}
}

// FuzzDecodeJob decodes any input: a job that it accepts can be carried out.
func FuzzDecodeJob(f *testing.F) {
	f.Add([]byte(`{"roomId":"lobby","seq":1,"shard":0,"frame":"{}"}`))
	f.Add([]byte(`{"notificationId":"n1","pending":[{"connectionId":"c1","userId":"ada","connectedAt":1}],"frame":"{}","cause":"throttled"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		j, err := delivery.DecodeJob(body)
		if err != nil {
			return
		}
		if j.Frame == "" || (j.RoomID == "") == (j.NotificationID == "") {
			t.Errorf("accepted %+v", j)
		}
		for _, o := range j.Pending {
			if o.ConnectionID == "" {
				t.Errorf("accepted %+v", j)
			}
		}
	})
}
