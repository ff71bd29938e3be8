package queue

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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// shards returns a job for each of a number of shards, with frames of a size.
func shards(n, size int) []delivery.Job {
	jobs := make([]delivery.Job, n)
	for i := range jobs {
		jobs[i] = delivery.Job{RoomID: "lobby", Seq: 1, Shard: i, Shards: n, Frame: strings.Repeat("a", size)}
	}
	return jobs
}

// seqs returns the jobs in the calls, in order, as shard:seq.
func (r *recorder) seqs(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, call := range r.calls {
		for _, e := range call.Entries {
			j, err := delivery.DecodeJob([]byte(*e.MessageBody))
			must(t, err)
			all = append(all, fmt.Sprintf("%d:%d", j.Shard, j.Seq))
		}
	}
	return all
}

// refusing returns a refusal of the entry with an id.
func refusing(id string, senderFault bool) types.BatchResultErrorEntry {
	return types.BatchResultErrorEntry{Id: &id, SenderFault: senderFault, Code: aws.String("Busy"), Message: aws.String("later")}
}

func TestEnqueueFillsCalls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		jobs, size int
		want       []int // entries in each call, sorted
	}{
		{0, 1, nil},
		{1, 1, []int{1}},
		{10, 1, []int{10}},
		{11, 1, []int{1, 10}},
		{25, 1, []int{5, 10, 10}},
		{200, 100, slices.Repeat([]int{10}, 20)},
		{10, 32 << 10, []int{3, 7}},        // 7 jobs of 32 KiB and a little fit into 256 KiB
		{2, maxBytes, []int{1, 1}},         // each alone is refused by SQS, not by us
		{3, maxBytes/2 - 200, []int{1, 2}}, // a job is less than 200 bytes more than its frame
		{3, maxBytes / 2, []int{1, 1, 1}},  // and more than none
		{4, 100 << 10, []int{2, 2}},
	} {
		var r recorder
		jobs := shards(test.jobs, test.size)
		must(t, New(&r, "url").Enqueue(t.Context(), jobs...))
		var got []int
		for _, call := range r.calls {
			got = append(got, len(call.Entries))
			ids := make([]string, 0, maxEntries)
			for _, e := range call.Entries {
				ids = append(ids, *e.Id)
			}
			if distinct(ids) != len(ids) {
				t.Errorf("%d jobs: a call with the ids %q", test.jobs, ids)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%d jobs of %d bytes: got calls with %v jobs, want %v", test.jobs, test.size, got, test.want)
		}
		if n := distinct(r.seqs(t)); n != test.jobs {
			t.Errorf("queued %d different jobs, want %d", n, test.jobs)
		}
	}
}

// TestEnqueueOrder queues jobs of few groups: each call has at most one of a group, and the
// next is sent when the one before is stored, even if that was refused at first.
func TestEnqueueOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var jobs []delivery.Job
		for seq := int64(1); seq <= 4; seq++ {
			for shard := range 2 {
				jobs = append(jobs, delivery.Job{RoomID: "lobby", Seq: seq, Shard: shard, Frame: "{}"})
			}
		}
		refused := 0
		r := recorder{refuse: func(in *sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error) {
			if refused++; refused == 3 {
				return []types.BatchResultErrorEntry{refusing("1", false)}, nil
			}
			return nil, nil
		}}
		must(t, New(&r, "url").Enqueue(t.Context(), jobs...))
		want := []string{"0:1", "1:1", "0:2", "1:2", "0:3", "1:3", "1:3", "0:4", "1:4"}
		if got := r.seqs(t); !slices.Equal(got, want) {
			t.Errorf("queued %q, want %q", got, want)
		}
	})
}

func TestEnqueueConcurrently(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		start := time.Now()
		must(t, New(s, "url").Enqueue(t.Context(), shards(20*maxEntries, 1)...))
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("20 calls of a second took %v, want 3s", took)
		}
		if s.most != sendConcurrency {
			t.Errorf("%d calls at the same time, want %d", s.most, sendConcurrency)
		}
	})
}

// slow takes a second for every call.
type slow struct {
	mu            sync.Mutex
	running, most int
}

func (s *slow) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running += n
	s.most = max(s.most, s.running)
}

func (s *slow) SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	s.add(1)
	time.Sleep(time.Second)
	s.add(-1)
	return &sqs.SendMessageBatchOutput{}, nil
}

func TestEnqueueRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		refused []types.BatchResultErrorEntry
		calls   int
		err     string
	}{
		{"forever", []types.BatchResultErrorEntry{refusing("0", false)}, sendTries, `seq 1 of room "lobby": SQS refuses it: Busy: later`},
		{"by our fault", []types.BatchResultErrorEntry{refusing("1", true)}, 1, `seq 1 of room "lobby": SQS refuses it: Busy: later`},
		{"one too many", []types.BatchResultErrorEntry{refusing("3", false)}, 1, `a message "3" that was not sent`},
		{"no number", []types.BatchResultErrorEntry{refusing("x", false)}, 1, `a message "x" that was not sent`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := recorder{refuse: func(*sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error) { return test.refused, nil }}
				start := time.Now()
				err := New(&r, "url").Enqueue(t.Context(), shards(3, 1)...)
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("got %v, want %q", err, test.err)
				}
				if len(r.calls) != test.calls {
					t.Errorf("made %d calls, want %d", len(r.calls), test.calls)
				}
				if took := time.Since(start); (took > 0) != (test.calls > 1) || took > 350*time.Millisecond {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// TestEnqueueFailsInPart fails one call of three: the others are made, and no later job of
// their groups is sent.
func TestEnqueueFailsInPart(t *testing.T) {
	t.Parallel()
	errDown := errors.New("down")
	r := recorder{refuse: func(in *sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error) {
		if len(in.Entries) == 5 {
			return nil, errDown
		}
		return nil, nil
	}}
	jobs := append(shards(25, 1), delivery.Job{RoomID: "lobby", Seq: 2, Frame: "{}"})
	if err := New(&r, "url").Enqueue(t.Context(), jobs...); !errors.Is(err, errDown) {
		t.Errorf("got %v, want it to be down", err)
	}
	if got := r.seqs(t); len(got) != 25 || slices.Contains(got, "0:2") {
		t.Errorf("tried %q, want the 25 of seq 1", got)
	}
}

func TestEnqueueEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := recorder{refuse: func(*sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error) {
		cancel()
		return []types.BatchResultErrorEntry{refusing("0", false)}, nil
	}}
	err := New(&r, "url").Enqueue(ctx, shards(3, 1)...)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "Busy") || len(r.calls) != 1 {
		t.Errorf("got %v after %d calls", err, len(r.calls))
	}
}
