package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/dynamo"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// visibility is how long the job of a killed function is hidden, instead of the
// minutes of the stack, which are too long for a run.
const visibility = 20 * time.Second

// readPage is how many items of a log or an inbox are read at once.
const readPage = 500

// Store reads a stack's data. Its clients use the engines directly, without
// faults.
type Store struct {
	DynamoDB *dynamodb.Client
	SQS      *sqs.Client
	// MessageTable is the name of the table of logs and inboxes.
	MessageTable string
	// Queue and DLQ are the URLs of the queue of jobs and of its dead-letter queue.
	Queue, DLQ string
}

// hasten shortens the wait for jobs of killed functions.
func (s *Store) hasten(ctx context.Context) error {
	_, err := s.SQS.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl:   &s.Queue,
		Attributes: map[string]string{string(types.QueueAttributeNameVisibilityTimeout): strconv.Itoa(int(visibility.Seconds()))},
	})
	if err != nil {
		return fmt.Errorf("shorten the visibility timeout of the jobs: %w", err)
	}
	return nil
}

// layout returns the layout of a room's shards.
func (s *Store) layout(ctx context.Context, room string) (shard.Layout, error) {
	head, err := dynamo.NewLog(s.DynamoDB, s.MessageTable, time.Now).Head(ctx, room)
	return head.Layout, err
}

// log returns the messages of a room in the order of seq, without tombstones.
func (s *Store) log(ctx context.Context, room string) ([]Entry, error) {
	log := dynamo.NewLog(s.DynamoDB, s.MessageTable, time.Now)
	head, err := log.Head(ctx, room)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for from := int64(1); from <= head.Seq; from += readPage {
		some, err := log.Entries(ctx, room, roomlog.Span{From: from, To: min(head.Seq, from+readPage-1), Limit: readPage})
		if err != nil {
			return nil, err
		}
		for _, e := range some {
			if !e.Tombstone() {
				entries = append(entries, Entry{Seq: e.Seq, ID: e.ID, User: e.UserID, Text: e.Message, Timestamp: e.Timestamp.UnixMilli()})
			}
		}
	}
	return entries, nil
}

// gaps returns the seqs at which a room's log has no entry, of the last gapSpan
// up to one.
func (s *Store) gaps(ctx context.Context, room string, upTo int64) ([]int64, error) {
	from := max(1, upTo-gapSpan+1)
	some, err := dynamo.NewLog(s.DynamoDB, s.MessageTable, time.Now).Entries(ctx, room, roomlog.Span{From: from, To: upTo, Limit: gapSpan})
	if err != nil {
		return nil, err
	}
	var gaps []int64
	for seq := from; seq <= upTo; seq++ {
		if len(some) > 0 && some[0].Seq == seq {
			some = some[1:]
			continue
		}
		gaps = append(gaps, seq)
	}
	return gaps, nil
}

// inbox returns what waits for a user.
func (s *Store) inbox(ctx context.Context, user string) (Inbox, error) {
	inboxes := dynamo.NewInboxes(s.DynamoDB, s.MessageTable, time.Now)
	state, err := inboxes.State(ctx, user)
	if err != nil {
		return Inbox{}, err
	}
	found := Inbox{Dropped: state.Dropped - state.DroppedAcked}
	for since := ""; ; {
		notes, err := inboxes.List(ctx, user, since, readPage)
		if err != nil {
			return Inbox{}, err
		}
		for _, n := range notes {
			found.IDs = append(found.IDs, n.ID)
		}
		if len(notes) < readPage {
			return found, nil
		}
		since = notes[len(notes)-1].ID
	}
}

// depth returns the number of messages in a queue, with those in flight.
func (s *Store) depth(ctx context.Context, url string) (int, error) {
	out, err := s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return 0, fmt.Errorf("read the depth of a queue: %w", err)
	}
	total := 0
	for _, name := range []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
	} {
		n, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return 0, fmt.Errorf("read the depth of a queue: %s: %w", name, err)
		}
		total += n
	}
	return total, nil
}

// readJob reads a job from a message of a queue.
func readJob(body string) Job {
	var j Job
	if err := json.Unmarshal([]byte(body), &j); err != nil {
		j.Cause = fmt.Sprintf("it is no job: %v", err)
	}
	return j
}

// jobs takes the jobs out of a queue. It deletes each one: a FIFO queue hands out
// the next of a group only then.
func (s *Store) jobs(ctx context.Context, url string) ([]Job, error) {
	var jobs []Job
	for {
		out, err := s.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
		if err != nil {
			return nil, fmt.Errorf("read a queue: %w", err)
		}
		if len(out.Messages) == 0 {
			return jobs, nil
		}
		for _, m := range out.Messages {
			jobs = append(jobs, readJob(aws.ToString(m.Body)))
			if _, err := s.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return nil, fmt.Errorf("empty a queue: %w", err)
			}
		}
	}
}
