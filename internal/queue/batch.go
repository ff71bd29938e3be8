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
	// maxEntries is the most messages that SQS takes in one call.
	maxEntries = 10
	// maxBytes bounds the bodies in one call. SQS takes 1 MiB by now; a queue
	// that was told so, or an older one, takes as little as this.
	maxBytes = 256 << 10
	// sendConcurrency bounds the calls at the same time: a thousand jobs take
	// about as long as thirteen calls one after the other.
	sendConcurrency = 8
	// sendTries bounds the calls for one batch. SQS can refuse some messages
	// of a call and take others, and the SDK does not send those again.
	sendTries = 4
	// sendBackoff bounds the random wait before the second call; it doubles
	// for each further one, which makes 0.35 s at most in all.
	sendBackoff = 50 * time.Millisecond
)

// box is a FIFO queue that letters go to.
type box struct {
	sender Sender
	url    string
}

// letter is a job as it is sent, and about what it is.
type letter struct {
	about string
	entry types.SendMessageBatchRequestEntry
}

// newLetter returns the letter with the JSON of a job.
func newLetter(about string, job any, group, id string) (letter, error) {
	body, err := json.Marshal(job)
	if err != nil {
		return letter{}, fmt.Errorf("encode %s: %w", about, err)
	}
	return letter{about: about, entry: types.SendMessageBatchRequestEntry{
		MessageBody: aws.String(ascii(body)), MessageGroupId: &group, MessageDeduplicationId: &id,
	}}, nil
}

// send sends letters in as few calls as can be, several at the same time. Those
// of one group are never on their way together: one of them could be refused
// and come after the next.
func (q box) send(ctx context.Context, letters []letter) error {
	for len(letters) > 0 {
		now, later := firstOfGroups(letters)
		if err := q.sendAll(ctx, batches(now)); err != nil {
			return err
		}
		letters = later
	}
	return nil
}

// firstOfGroups tells the first letter of each group from the others.
func firstOfGroups(letters []letter) (first, others []letter) {
	seen := make(map[string]bool, len(letters))
	for _, l := range letters {
		if group := *l.entry.MessageGroupId; seen[group] {
			others = append(others, l)
		} else {
			seen[group] = true
			first = append(first, l)
		}
	}
	return first, others
}

// batches splits letters into what one call takes.
func batches(letters []letter) [][]letter {
	var all [][]letter
	start, bytes := 0, 0
	for i, l := range letters {
		size := len(*l.entry.MessageBody)
		if i > start && (i-start == maxEntries || bytes+size > maxBytes) {
			all = append(all, letters[start:i])
			start, bytes = i, 0
		}
		bytes += size
	}
	return append(all, letters[start:])
}

// sendAll sends batches, several at the same time. A failed batch does not stop
// the others. The error is that of the batch that failed first.
func (q box) sendAll(ctx context.Context, all [][]letter) error {
	var calls errgroup.Group
	calls.SetLimit(sendConcurrency)
	for _, batch := range all {
		calls.Go(func() error { return q.sendBatch(ctx, batch) })
	}
	return calls.Wait()
}

// sendBatch sends letters in one call, and again those that SQS refuses for a
// reason of its own.
func (q box) sendBatch(ctx context.Context, batch []letter) error {
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
		var again []letter
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

// refusal is why SQS does not take one message of a call.
func refusal(f types.BatchResultErrorEntry) error {
	return fmt.Errorf("SQS refuses it: %s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
}
