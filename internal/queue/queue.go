package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Sender is what a [Queue] calls; [sqs.Client] has it.
type Sender interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
}

var _ Sender = (*sqs.Client)(nil)

// Queue implements [realtime.Queue] on an SQS FIFO queue.
type Queue struct {
	sender Sender
	url    string
}

var _ realtime.Queue = (*Queue)(nil)

// New returns the FIFO queue with a URL.
func New(sender Sender, url string) *Queue {
	return &Queue{sender: sender, url: url}
}

// Enqueue implements [realtime.Queue]. Jobs for the whole of one shard of a
// room form one message group, so that one is done after the other; every job
// with Owed is a group of its own. Jobs of different groups are done at the
// same time.
func (q *Queue) Enqueue(ctx context.Context, j realtime.Job) error {
	body, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode a broadcast job: %w", err)
	}
	group, id := identify(j)
	_, err = q.sender.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:               &q.url,
		MessageBody:            aws.String(ascii(body)),
		MessageGroupId:         &group,
		MessageDeduplicationId: &id,
	})
	if err != nil {
		return fmt.Errorf("queue %s: %w", Describe(j), err)
	}
	return nil
}

// Describe says in words what a job is about.
func Describe(j realtime.Job) string {
	if j.NotificationID != "" {
		return "notification " + j.NotificationID
	}
	return fmt.Sprintf("seq %d of room %q", j.Seq, j.RoomID)
}
