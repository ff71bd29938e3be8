package queue

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// Sender is what [Queue] and [Cursors] call; [sqs.Client] implements it.
type Sender interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

var _ Sender = (*sqs.Client)(nil)

// Queue implements [delivery.Queue] on an SQS FIFO queue.
type Queue struct{ fifo }

var _ delivery.Queue = (*Queue)(nil)

// New returns the FIFO queue with that URL.
func New(sender Sender, url string) *Queue {
	return &Queue{fifo{sender: sender, url: url}}
}

// Enqueue implements [delivery.Queue]. Jobs for the whole of one shard of a room form one
// message group, so that they are done in sequence. Each job with Pending is a group of
// its own. Jobs of different groups are done at the same time.
func (q *Queue) Enqueue(ctx context.Context, jobs ...delivery.Job) error {
	messages := make([]message, len(jobs))
	for i, j := range jobs {
		group, id := identify(j)
		var err error
		if messages[i], err = newMessage(Describe(j), j, group, id); err != nil {
			return err
		}
	}
	return q.send(ctx, messages)
}

// Describe returns what a job is about, in words.
func Describe(j delivery.Job) string {
	if j.NotificationID != "" {
		return "notification " + j.NotificationID
	}
	if j.FirstSeq != 0 {
		return fmt.Sprintf("seq %d to %d of room %q", j.FirstSeq, j.Seq, j.RoomID)
	}
	return fmt.Sprintf("seq %d of room %q", j.Seq, j.RoomID)
}
