package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

const (
	// batchSize is the maximum number of messages that SQS returns in one call.
	batchSize = 10
	// Held is how long a dead letter that was received is hidden from others.
	Held = 5 * time.Minute
	// pollTime is how long a call waits for a message. With any wait, SQS asks all of its
	// servers, and finds nothing only if there is nothing.
	pollTime = time.Second
)

// Receiver is what [DeadLetters] calls; [sqs.Client] implements it.
type Receiver interface {
	VisibilityChanger
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error)
}

var _ Receiver = (*sqs.Client)(nil)

// DeadLetters is the queue of jobs that failed too often.
type DeadLetters struct {
	api Receiver
	url string
}

// DeadLetter is a message in it.
type DeadLetter struct {
	// MessageID is the one that SQS gave the message.
	MessageID string
	// Body is the message as it is in the queue.
	Body string
	// Job is the decoded body, the zero Job if there is an Err.
	Job delivery.Job
	// Err says why the body is not a job, nil if it is one.
	Err error
	// Group is its message group. SQS returns no more of it until this message is deleted or
	// released.
	Group string
	// Receives is how often the message was received as SQS counts it, including this time.
	Receives int
	// SentAt is when the message was sent to its queue, in whole milliseconds. For a FIFO
	// queue, moving it here counts as that.
	SentAt time.Time
	// FirstReceivedAt is when it was received for the first time, in whole
	// milliseconds.
	FirstReceivedAt time.Time

	receiptHandle string
}

// NewDeadLetters returns the dead-letter queue with that URL.
func NewDeadLetters(api Receiver, url string) *DeadLetters {
	return &DeadLetters{api: api, url: url}
}

// Receive returns the next few dead letters, none if there are no more. They are hidden
// from others, and from the next Receive, for the time [Held], unless they are deleted or
// released before.
func (d *DeadLetters) Receive(ctx context.Context) ([]DeadLetter, error) {
	out, err := d.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            &d.url,
		MaxNumberOfMessages: batchSize,
		WaitTimeSeconds:     int32(pollTime / time.Second),
		VisibilityTimeout:   int32(Held / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameMessageGroupId,
			types.MessageSystemAttributeNameApproximateReceiveCount,
			types.MessageSystemAttributeNameSentTimestamp,
			types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("receive dead letters: %w", err)
	}
	var letters []DeadLetter
	for _, m := range out.Messages {
		letters = append(letters, deadLetter(m))
	}
	return letters, nil
}

func deadLetter(m types.Message) DeadLetter {
	l := DeadLetter{
		MessageID:       aws.ToString(m.MessageId),
		Body:            aws.ToString(m.Body),
		Group:           m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		Receives:        int(number(m, types.MessageSystemAttributeNameApproximateReceiveCount)),
		SentAt:          millis(m, types.MessageSystemAttributeNameSentTimestamp),
		FirstReceivedAt: millis(m, types.MessageSystemAttributeNameApproximateFirstReceiveTimestamp),
		receiptHandle:   aws.ToString(m.ReceiptHandle),
	}
	l.Job, l.Err = delivery.DecodeJob([]byte(l.Body))
	return l
}

// number returns an attribute of a message, 0 if it is missing.
func number(m types.Message, attr types.MessageSystemAttributeName) int64 {
	n, _ := strconv.ParseInt(m.Attributes[string(attr)], 10, 64)
	return n
}

// millis returns a time in ms, the zero time if it is missing.
func millis(m types.Message, attr types.MessageSystemAttributeName) time.Time {
	if n := number(m, attr); n != 0 {
		return time.UnixMilli(n)
	}
	return time.Time{}
}

// Delete removes a dead letter.
func (d *DeadLetters) Delete(ctx context.Context, l DeadLetter) error {
	_, err := d.api.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &d.url, ReceiptHandle: &l.receiptHandle})
	if err != nil {
		return fmt.Errorf("delete dead letter %s: %w", l.MessageID, err)
	}
	return nil
}

// Release makes a dead letter visible again, so that it can be received at once.
func (d *DeadLetters) Release(ctx context.Context, l DeadLetter) error {
	if err := Postpone(ctx, d.api, d.url, l.receiptHandle, 0); err != nil {
		return fmt.Errorf("release dead letter %s: %w", l.MessageID, err)
	}
	return nil
}
