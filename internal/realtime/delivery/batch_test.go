package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// piled returns jobs for the lobby with messages of a size.
func piled(seqs, bytes int) []delivery.Job {
	var jobs []delivery.Job
	for seq := range seqs {
		jobs = append(jobs, delivery.Job{RoomID: "lobby", Seq: int64(seq + 1), Shards: 1, Frame: fmt.Sprintf(
			`{"type":"message","roomId":"lobby","seq":%d,"id":"m","userId":"ada","message":%q,"timestamp":1}`, seq+1, strings.Repeat("x", bytes))})
	}
	return jobs
}

func TestPiledUpJobsAreOneFrame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby")
	w.AddConnection("c2", "bob", "lobby")
	jobs := piled(3, 10)
	if err := w.App.Run(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"batch","frames":[` + jobs[0].Frame + "," + jobs[1].Frame + "," + jobs[2].Frame + `]}`
	w.WantPosted("c1", want)
	w.WantPosted("c2", want)
}

func TestPiledUpJobsAreAsFewFramesAsFit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby")
	if err := w.App.Run(t.Context(), piled(7, 10<<10)...); err != nil {
		t.Fatal(err)
	}
	var seqs []int64
	frames := w.Poster.Posted("c1")
	for _, frame := range frames {
		if len(frame) > protocol.MaxFrame {
			t.Errorf("a frame has %d bytes", len(frame))
		}
		for _, m := range realtimetest.Messages(t, frame) {
			seqs = append(seqs, m.Seq)
		}
	}
	if len(frames) != 3 || !slices.Equal(seqs, []int64{1, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("seqs %v came in %d frames, want them in order in 3", seqs, len(frames))
	}
}

// TestPendingBatches has a member that gets only the first of three frames: jobs name it
// for the other two, and say which messages those hold.
func TestPendingBatches(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob", "lobby")
		w.Poster.PostFunc = func(_ context.Context, id string, _ []byte) error {
			if id == "c2" && len(w.Poster.Posted("c2")) > 0 {
				return errors.New("500")
			}
			return nil
		}
		if err := w.App.Run(w.Context(), piled(7, 10<<10)...); err != nil {
			w.Fatal(err)
		}
		var pending []string
		for _, j := range w.Queue.Jobs() {
			if len(j.Pending) != 1 || j.Pending[0].ConnectionID != "c2" {
				w.Errorf("pending for %v", j.Pending)
			}
			pending = append(pending, fmt.Sprintf("%d-%d", j.FirstSeq, j.Seq))
		}
		if got := strings.Join(pending, " "); got != "4-6 0-7" || len(w.Poster.Posted("c1")) != 3 {
			w.Errorf("seqs %s are pending for c2, c1 got %d frames", got, len(w.Poster.Posted("c1")))
		}
		w.Poster.PostFunc = nil
		for _, j := range w.Queue.Jobs() {
			if err := w.App.Run(w.Context(), j); err != nil {
				w.Fatal(err)
			}
		}
		if got := w.Seqs("c2"); len(got) != 7 {
			w.Errorf("c2 got %v", got)
		}
	})
}

// TestOrder posts several frames to every connection: each one only after the answer to
// the one before.
func TestOrder(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 30 {
			w.AddConnection(fmt.Sprintf("c%d", i), "ada", "lobby")
		}
		var mu sync.Mutex
		busy, tries := map[string]bool{}, map[string]int{}
		w.Poster.PostFunc = func(_ context.Context, id string, _ []byte) error {
			mu.Lock()
			again := busy[id]
			busy[id] = true
			tries[id]++
			fail := tries[id]%3 == 1
			mu.Unlock()
			if again {
				w.Errorf("%s is posted to twice at a time", id)
			}
			time.Sleep(time.Duration(len(id)) * time.Millisecond)
			mu.Lock()
			busy[id] = false
			mu.Unlock()
			if fail {
				return errors.New("500")
			}
			return nil
		}
		if err := w.App.Run(w.Context(), piled(7, 10<<10)...); err != nil {
			w.Fatal(err)
		}
		for i := range 30 {
			var last int64
			for _, frame := range w.Poster.Posted(fmt.Sprintf("c%d", i)) {
				for _, m := range realtimetest.Messages(w.T, frame) {
					if m.Seq != last+1 {
						w.Errorf("c%d got seq %d after %d", i, m.Seq, last)
					}
					last = m.Seq
				}
			}
			if last != 7 {
				w.Errorf("c%d got everything up to %d", i, last)
			}
		}
	})
}

// TestThrottledStorm throttles the account for five seconds: a job of the queue waits
// until that is over, and queues nothing again.
func TestThrottledStorm(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 200 {
			w.AddConnection(fmt.Sprintf("c%d", i), "ada", "lobby")
		}
		start := time.Now()
		w.Poster.PostFunc = func(context.Context, string, []byte) error {
			if time.Since(start) < 5*time.Second {
				return delivery.ErrThrottled
			}
			return nil
		}
		if err := w.App.Run(w.Context(), piled(1, 10)...); err != nil {
			w.Fatal(err)
		}
		tries, _ := w.Poster.Calls()
		if took := time.Since(start); len(w.Queue.Jobs()) > 0 || took > 8*time.Second || tries > 6000 {
			w.Errorf("took %v and %d posts, queued %d jobs", took, tries, len(w.Queue.Jobs()))
		}
	})
}

// TestDeadlineHandsOnWhatIsLeft ends a job's time after some of the posts: the jobs that
// continue it do not name connections that have the message.
func TestDeadlineHandsOnWhatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorldAt(t, time.Now)
		for i := range 500 {
			w.AddConnection(fmt.Sprintf("c%d", i), "ada", "lobby")
		}
		w.Poster.PostFunc = func(ctx context.Context, _ string, _ []byte) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := w.App.Run(ctx, piled(1, 10)...); err != nil {
			t.Fatal(err)
		}
		left := map[string]bool{}
		for _, j := range w.Queue.Jobs() {
			if len(j.Pending) > delivery.MaxPending {
				t.Errorf("a job names %d connections", len(j.Pending))
			}
			for _, o := range j.Pending {
				left[o.ConnectionID] = true
			}
		}
		for i := range 500 {
			id := fmt.Sprintf("c%d", i)
			if got := len(w.Poster.Posted(id)); got+len(left) == 0 || (got == 1) == left[id] {
				t.Errorf("%s got %d frames, and is left: %t", id, got, left[id])
			}
		}
		if len(left) < 200 || len(left) > 400 {
			t.Errorf("%d of 500 are left after 2.5 of 5 seconds", len(left))
		}
	})
}
