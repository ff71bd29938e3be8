package queue

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/realtime"
)

// recorder keeps what it is told to send.
type recorder struct {
	sent []*sqs.SendMessageInput
	err  error
}

func (r *recorder) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	r.sent = append(r.sent, in)
	return &sqs.SendMessageOutput{}, r.err
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	var r recorder
	q := New(&r, "https://queue.example/jobs.fifo")
	job := func(room string, seq int64, shard int) realtime.Job {
		return realtime.Job{RoomID: room, Seq: seq, Shard: shard, Frame: "{}"}
	}
	jobs := []realtime.Job{
		job("lobby", 1, 0), job("lobby", 2, 0), job("lobby", 1, 1), job("lobby-1", 1, 0),
		job(strings.Repeat("😀", 128), 1<<53, 0),
	}
	legal := regexp.MustCompile(`^[a-zA-Z0-9-]{1,128}$`)
	groups, ids := map[string]int{}, map[string]bool{}
	for i, j := range jobs {
		if err := q.Enqueue(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		in := r.sent[i]
		got, err := realtime.DecodeJob([]byte(*in.MessageBody))
		if err != nil || got != j {
			t.Errorf("queued %+v, %v, want %+v", got, err, j)
		}
		if *in.QueueUrl != "https://queue.example/jobs.fifo" {
			t.Errorf("queued to %s", *in.QueueUrl)
		}
		for _, id := range []string{*in.MessageGroupId, *in.MessageDeduplicationId} {
			if !legal.MatchString(id) {
				t.Errorf("SQS does not take the id %q", id)
			}
		}
		groups[*in.MessageGroupId]++
		ids[*in.MessageDeduplicationId] = true
	}
	if len(groups) != 4 || groups[Group("lobby", 0)] != 2 {
		t.Errorf("got the groups %v, want one for each room and shard", groups)
	}
	if len(ids) != len(jobs) {
		t.Errorf("got %d deduplication ids for %d jobs", len(ids), len(jobs))
	}
	if err := q.Enqueue(t.Context(), jobs[0]); err != nil || *r.sent[5].MessageDeduplicationId != *r.sent[0].MessageDeduplicationId {
		t.Error("the same job has another deduplication id the second time")
	}
}

func TestEnqueueFails(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	err := New(&recorder{err: down}, "url").Enqueue(t.Context(), realtime.Job{RoomID: "lobby", Seq: 7})
	if !errors.Is(err, down) || !strings.Contains(err.Error(), `seq 7 of room "lobby"`) {
		t.Errorf("got %v", err)
	}
}
