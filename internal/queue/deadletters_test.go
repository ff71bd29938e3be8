package queue

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// TestDeadLetters lets jobs fail until they are dead letters, and reads them from the queue.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	deadURL := newQueue(t, client, "dead.fifo", nil)
	url := newQueue(t, client, "broadcast.fifo", map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, arn(t, client, deadURL)),
	})
	start := time.Now()
	job := delivery.Job{
		RoomID: "tea 😀", Seq: 7, Frame: "{}", Cause: "throttled", Attempt: "a",
		Pending: []delivery.Pending{{ConnectionID: "c1", UserID: "ada", ConnectedAt: 1, Established: true}},
	}
	must(t, New(client, url).Enqueue(t.Context(), job))
	_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: aws.String(`{"roomId":"tea"}`),
		MessageGroupId: aws.String("odd"), MessageDeduplicationId: aws.String("odd"),
	})
	must(t, err)
	for range 4 { // both, twice
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 5})
		must(t, err)
		for _, m := range out.Messages {
			must(t, Postpone(t.Context(), client, url, *m.ReceiptHandle, 0))
		}
	}
	wantEmpty(t, client, url)

	dead := NewDeadLetters(client, deadURL)
	letters := receiveLetters(t, dead, 2)
	good, odd := letters[0], letters[1]
	if good.Err != nil {
		good, odd = odd, good
	}
	if good.Err != nil || !reflect.DeepEqual(good.Job, job) {
		t.Errorf("got the job %+v, %v, want %+v", good.Job, good.Err, job)
	}
	if group, _ := identify(job); good.Group != group || good.MessageID == "" || good.Receives < 3 {
		t.Errorf("got the letter %+v, want a message id, the group %s and 3 receives", good, group)
	}
	for _, at := range []time.Time{good.SentAt, good.FirstReceivedAt} {
		if at.Before(start.Add(-time.Minute)) || at.After(start.Add(time.Minute)) {
			t.Errorf("sent at %v and first received at %v, want about %v", good.SentAt, good.FirstReceivedAt, start)
		}
	}
	if odd.Err == nil || odd.Body != `{"roomId":"tea"}` || odd.Group != "odd" || !reflect.DeepEqual(odd.Job, delivery.Job{}) {
		t.Errorf("got the letter %+v, want its body and why it is no job", odd)
	}

	receiveLetters(t, dead, 0) // both are held
	must(t, dead.Release(t.Context(), good))
	again := receiveLetters(t, dead, 1)
	if again[0].MessageID != good.MessageID || again[0].Receives != good.Receives+1 {
		t.Errorf("released %s, received %d times, then got %s, received %d times",
			good.MessageID, good.Receives, again[0].MessageID, again[0].Receives)
	}
	must(t, dead.Delete(t.Context(), again[0]))
	must(t, dead.Release(t.Context(), odd))
	if last := receiveLetters(t, dead, 1); last[0].MessageID != odd.MessageID {
		t.Errorf("got %s, want %s: the other was deleted", last[0].MessageID, odd.MessageID)
	}
}

// TestDeadLettersInBatches empties a queue of more messages than one call returns.
func TestDeadLettersInBatches(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	url := newQueue(t, client, "dead.fifo", nil)
	q := New(client, url)
	for i := range 12 {
		must(t, q.Enqueue(t.Context(), delivery.Job{
			NotificationID: "n1", Frame: "{}", Pending: []delivery.Pending{{ConnectionID: fmt.Sprint(i)}},
		}))
	}
	dead, seen := NewDeadLetters(client, url), map[string]bool{}
	for _, want := range []int{10, 2} {
		for _, l := range receiveLetters(t, dead, want) {
			seen[l.Job.Pending[0].ConnectionID] = true
			must(t, dead.Delete(t.Context(), l))
		}
	}
	if len(seen) != 12 {
		t.Errorf("got %d letters that differ, want 12", len(seen))
	}
}

func receiveLetters(t *testing.T, dead *DeadLetters, want int) []DeadLetter {
	t.Helper()
	letters, err := dead.Receive(t.Context())
	must(t, err)
	if len(letters) != want {
		t.Fatalf("received %d dead letters, want %d: %+v", len(letters), want, letters)
	}
	return letters
}

func arn(t *testing.T, client *sqs.Client, url string) string {
	t.Helper()
	out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	must(t, err)
	return out.Attributes["QueueArn"]
}

// broken fails every call.
type broken struct {
	changer
}

func (b *broken) ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	return nil, b.err
}

func (b *broken) DeleteMessage(context.Context, *sqs.DeleteMessageInput, ...func(*sqs.Options)) (*sqs.DeleteMessageOutput, error) {
	return nil, b.err
}

func TestDeadLettersFail(t *testing.T) {
	t.Parallel()
	down := errors.New("down")
	dead, letter := NewDeadLetters(&broken{changer{err: down}}, "url"), DeadLetter{MessageID: "m1"}
	_, err := dead.Receive(t.Context())
	if !errors.Is(err, down) {
		t.Errorf("receive: got %v", err)
	}
	for _, err := range []error{dead.Delete(t.Context(), letter), dead.Release(t.Context(), letter)} {
		if !errors.Is(err, down) || !strings.Contains(err.Error(), "m1") {
			t.Errorf("got %v, want what failed and for which letter", err)
		}
	}
}
