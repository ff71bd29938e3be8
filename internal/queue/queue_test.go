package queue

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// recorder keeps what it is to send.
type recorder struct {
	mu    sync.Mutex
	calls []*sqs.SendMessageBatchInput
	// refuse says what SQS refuses of a call. Default: nothing.
	refuse func(in *sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error)
}

func (r *recorder) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, in)
	if r.refuse == nil {
		return &sqs.SendMessageBatchOutput{}, nil
	}
	failed, err := r.refuse(in)
	return &sqs.SendMessageBatchOutput{Failed: failed}, err
}

// down fails every call.
func down(err error) *recorder {
	return &recorder{refuse: func(*sqs.SendMessageBatchInput) ([]types.BatchResultErrorEntry, error) { return nil, err }}
}

// legal is what SQS takes as the id of a group and of a message.
var legal = regexp.MustCompile(`^[a-zA-Z0-9-]{1,128}$`)

// identities queues jobs and returns the group and the deduplication id of
// each.
func identities(t *testing.T, jobs ...delivery.Job) (groups, ids []string) {
	t.Helper()
	var r recorder
	q := New(&r, "https://queue.example/jobs.fifo")
	for i, j := range jobs {
		if err := q.Enqueue(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		in := r.calls[i].Entries[0]
		got, err := delivery.DecodeJob([]byte(*in.MessageBody))
		if err != nil || !reflect.DeepEqual(got, j) {
			t.Errorf("queued %+v, %v, want %+v", got, err, j)
		}
		if url := *r.calls[i].QueueUrl; url != "https://queue.example/jobs.fifo" {
			t.Errorf("queued to %s", url)
		}
		for _, id := range []string{*in.MessageGroupId, *in.MessageDeduplicationId} {
			if !legal.MatchString(id) {
				t.Errorf("SQS does not take the id %q", id)
			}
		}
		groups, ids = append(groups, *in.MessageGroupId), append(ids, *in.MessageDeduplicationId)
	}
	return groups, ids
}

// distinct counts the values that differ.
func distinct(values []string) int {
	return len(slices.Compact(slices.Sorted(slices.Values(values))))
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	job := func(room string, seq int64, shard int, attempt string) delivery.Job {
		return delivery.Job{RoomID: room, Seq: seq, Shard: shard, Attempt: attempt, Frame: "{}"}
	}
	batch := func(first, last int64, attempt string) delivery.Job {
		j := job("lobby", last, 0, attempt)
		j.FirstSeq = first
		return j
	}
	jobs := []delivery.Job{
		job("lobby", 1, 0, ""), job("lobby", 2, 0, ""), job("lobby", 1, 0, "a"), job("lobby", 1, 0, "b"),
		job("lobby", 1, 0, strings.Repeat("é", 200)),
		job("lobby", 1, 1, ""), job("lobby-1", 1, 0, ""), job("lobby", 1, 10, ""), job("lobby", 11, 1, ""),
		job(strings.Repeat("😀", 128), 1<<53, 999, strings.Repeat("7", 36)),
		batch(1, 2, ""), batch(1, 3, ""), batch(2, 3, ""), batch(1, 2, "a"),
	}
	groups, ids := identities(t, jobs...)
	if n := distinct(groups); n != 5 {
		t.Errorf("got %d groups, want 5, one for each room and shard", n)
	}
	for i, j := range jobs {
		if groups[i] != Group(j.RoomID, j.Shard) {
			t.Errorf("%+v is in the group %s", j, groups[i])
		}
	}
	if distinct(ids) != len(jobs) {
		t.Errorf("got %d deduplication ids for %d jobs", distinct(ids), len(jobs))
	}
	if _, again := identities(t, jobs...); !slices.Equal(again, ids) {
		t.Error("the same jobs have other deduplication ids the second time")
	}
}

func TestEnqueuePending(t *testing.T) {
	t.Parallel()
	pending := func(connections ...string) (o []delivery.Pending) {
		for _, c := range connections {
			o = append(o, delivery.Pending{ConnectionID: c, UserID: "ada", ConnectedAt: 1})
		}
		return o
	}
	jobs := []delivery.Job{
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c1")},
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c2")},
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c1", "c2")},
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c1,c2")},
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c1"), Attempt: "a"},
		{RoomID: "lobby", Seq: 1, Frame: "{}", Pending: pending("c1"), Shard: 1},
		{RoomID: "lobby", Seq: 2, Frame: "{}", Pending: pending("c1")},
		{RoomID: "lobby", FirstSeq: 1, Seq: 2, Frame: "{}", Pending: pending("c1")},
		{RoomID: "lobby2", Seq: 1, Frame: "{}", Pending: pending("c1")},
		{NotificationID: "lobby", Frame: "{}", Pending: pending("c1")},
		{NotificationID: "lobby", Frame: "{}", Pending: pending("c1"), Attempt: "a"},
		{NotificationID: "n2", Frame: "{}", Pending: pending("c1")},
		{RoomID: "lobby", Seq: 1, Frame: "{}"},
	}
	groups, ids := identities(t, jobs...)
	if distinct(groups) != len(jobs) || distinct(ids) != len(jobs) {
		t.Errorf("got %d groups and %d deduplication ids for %d jobs", distinct(groups), distinct(ids), len(jobs))
	}
	// It is the same job, whatever became of the last try.
	same := jobs[2]
	same.Pending, same.Cause, same.Frame, same.Shards = pending("c2", "c1"), "throttled", "{} ", 3
	sameGroups, sameIDs := identities(t, same)
	if sameGroups[0] != groups[2] || sameIDs[0] != ids[2] {
		t.Error("the same job has another identity the second time")
	}
}

func TestEnqueueFails(t *testing.T) {
	t.Parallel()
	errDown := errors.New("down")
	err := New(down(errDown), "url").Enqueue(t.Context(), delivery.Job{RoomID: "lobby", Seq: 7})
	if !errors.Is(err, errDown) || !strings.Contains(err.Error(), `seq 7 of room "lobby"`) {
		t.Errorf("got %v", err)
	}
	err = New(down(errDown), "url").Enqueue(t.Context(), delivery.Job{NotificationID: "n1"})
	if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "notification n1") {
		t.Errorf("got %v", err)
	}
}
