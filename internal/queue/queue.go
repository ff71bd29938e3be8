package queue

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Sender is what a [Queue] and [Cursors] call; [sqs.Client] has it.
type Sender interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

var _ Sender = (*sqs.Client)(nil)

// Queue implements [realtime.Queue] on an SQS FIFO queue.
type Queue struct{ box }

var _ delivery.Queue = (*Queue)(nil)

// New returns the FIFO queue with a URL.
func New(sender Sender, url string) *Queue {
	return &Queue{box{sender: sender, url: url}}
}

// Enqueue implements [realtime.Queue]. Jobs for the whole of one shard of a
// room form one message group, so that one is done after the other; every job
// with Owed is a group of its own. Jobs of different groups are done at the
// same time.
func (q *Queue) Enqueue(ctx context.Context, jobs ...delivery.Job) error {
	letters := make([]letter, len(jobs))
	for i, j := range jobs {
		group, id := identify(j)
		var err error
		if letters[i], err = newLetter(Describe(j), j, group, id); err != nil {
			return err
		}
	}
	return q.send(ctx, letters)
}

// Describe says in words what a job is about.
func Describe(j delivery.Job) string {
	if j.NotificationID != "" {
		return "notification " + j.NotificationID
	}
	if j.FirstSeq != 0 {
		return fmt.Sprintf("seq %d to %d of room %q", j.FirstSeq, j.Seq, j.RoomID)
	}
	return fmt.Sprintf("seq %d of room %q", j.Seq, j.RoomID)
}
