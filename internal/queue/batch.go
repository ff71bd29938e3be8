package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// maxEntries is the maximum number of messages in one call.
	maxEntries = 10
	// maxBytes limits the bodies in one call. SQS takes 1 MiB by now, but an older queue, or
	// one that is configured so, takes no more than this.
	maxBytes = 256 << 10
	// sendConcurrency limits the calls at the same time: a thousand jobs take about as long
	// as thirteen calls in sequence.
	sendConcurrency = 8
	// sendTries limits the calls for one batch. SQS can refuse some messages of a call and
	// take others, and the SDK does not resend the refused ones.
	sendTries = 4
	// sendBackoff limits the random wait before the second call. It doubles for each further
	// call, which makes at most 0.35 s in all.
	sendBackoff = 50 * time.Millisecond
)

// fifo is a FIFO queue that messages are sent to.
type fifo struct {
	sender Sender
	url    string
}

// message is a job as it is sent, and what it is about.
type message struct {
	about string
	entry types.SendMessageBatchRequestEntry
}

// newMessage returns the message with the JSON of a job.
func newMessage(about string, job any, group, id string) (message, error) {
	body, err := json.Marshal(job)
	if err != nil {
		return message{}, fmt.Errorf("encode %s: %w", about, err)
	}
	return message{about: about, entry: types.SendMessageBatchRequestEntry{
		MessageBody: aws.String(ascii(body)), MessageGroupId: &group, MessageDeduplicationId: &id,
	}}, nil
}

// send sends messages in as few calls as possible, several at the same time. Messages of
// one group are never in flight together: one of them could be refused and arrive after
// the next.
func (q fifo) send(ctx context.Context, messages []message) error {
	for len(messages) > 0 {
		now, later := firstOfGroups(messages)
		if err := q.sendAll(ctx, batches(now)); err != nil {
			return err
		}
		messages = later
	}
	return nil
}

// firstOfGroups separates the first message of each group from the others.
func firstOfGroups(messages []message) (first, others []message) {
	seen := make(map[string]bool, len(messages))
	for _, l := range messages {
		if group := *l.entry.MessageGroupId; seen[group] {
			others = append(others, l)
		} else {
			seen[group] = true
			first = append(first, l)
		}
	}
	return first, others
}

// batches splits messages into what one call takes.
func batches(messages []message) [][]message {
	var all [][]message
	start, bytes := 0, 0
	for i, l := range messages {
		size := len(*l.entry.MessageBody)
		if i > start && (i-start == maxEntries || bytes+size > maxBytes) {
			all = append(all, messages[start:i])
			start, bytes = i, 0
		}
		bytes += size
	}
	return append(all, messages[start:])
}

// sendAll sends batches, several at the same time. A failed batch does not stop
// the others. The error is that of the batch that failed first.
func (q fifo) sendAll(ctx context.Context, all [][]message) error {
	var calls errgroup.Group
	calls.SetLimit(sendConcurrency)
	for _, batch := range all {
		calls.Go(func() error { return q.sendBatch(ctx, batch) })
	}
	return calls.Wait()
}

// sendBatch sends messages in one call, and resends those that SQS refuses for a reason of
// its own.
func (q fifo) sendBatch(ctx context.Context, batch []message) error {
	for try := 0; ; try++ {
		in := &sqs.SendMessageBatchInput{QueueUrl: &q.url}
		for i, l := range batch {
			l.entry.Id = aws.String(strconv.Itoa(i))
			in.Entries = append(in.Entries, l.entry)
		}
		out, err := q.sender.SendMessageBatch(ctx, in)
		if err != nil {
			return fmt.Errorf("queue %s: %w", batch[0].about, err)
		}
		var again []message
		for _, f := range out.Failed {
			i, err := strconv.Atoi(aws.ToString(f.Id))
			if err != nil || i < 0 || i >= len(batch) {
				return fmt.Errorf("queue %s: SQS refuses a message %q that was not sent", batch[0].about, aws.ToString(f.Id))
			}
			if f.SenderFault || try == sendTries-1 {
				return fmt.Errorf("queue %s: %w", batch[i].about, refusal(f))
			}
			again = append(again, batch[i])
		}
		if len(again) == 0 {
			return nil
		}
		if err := retry.Sleep(ctx, retry.FullJitter(sendBackoff, sendBackoff<<sendTries, try)); err != nil {
			return fmt.Errorf("queue %s: %w", again[0].about, errors.Join(refusal(out.Failed[0]), err))
		}
		batch = again
	}
}

// refusal returns why SQS refused one message of a call.
func refusal(f types.BatchResultErrorEntry) error {
	return fmt.Errorf("SQS refuses it: %s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
}
