package queue

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/realtime"
)

// startSQS returns a client of an SQS engine of the test's own.
func startSQS(t *testing.T) *sqs.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	installation, err := engines.Install(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := installation.Start(ctx, engines.SQS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(engine.Endpoint()),
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// TestFIFO queues jobs in a real FIFO queue: they come out in order, and what
// was queued twice comes out once.
func TestFIFO(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	created, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName: aws.String("broadcast.fifo"), Attributes: map[string]string{"FifoQueue": "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	q := New(client, *created.QueueUrl)
	// Every kind of character that a message can have, and SQS may refuse.
	const frame = "{\"message\":\"\\u0000\x7f <&>é\u2028\ufffd\ufffe\uffff😀\U0010ffff\"}"
	for _, seq := range []int64{1, 2, 2, 3, 1} {
		job := realtime.Job{RoomID: "a room with spaces: 😀", Seq: seq, Frame: frame}
		if err := q.Enqueue(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	for want := int64(1); want <= 3; want++ {
		job, message := receive(t, client, created.QueueUrl)
		if job.Seq != want || job.Frame != frame {
			t.Fatalf("received seq %d with %q, want %d with %q", job.Seq, job.Frame, want, frame)
		}
		if got, group := message.Attributes["MessageGroupId"], Group(job.RoomID, 0); got != group {
			t.Errorf("message group %q, want %q", got, group)
		}
		_, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{
			QueueUrl: created.QueueUrl, ReceiptHandle: message.ReceiptHandle,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: created.QueueUrl})
	if err != nil || len(out.Messages) != 0 {
		t.Errorf("received %d jobs more, %v, want none", len(out.Messages), err)
	}
}

// receive takes the next job out of the queue.
func receive(t *testing.T, client *sqs.Client, url *string) (realtime.Job, types.Message) {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: 1, WaitTimeSeconds: 5,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameMessageGroupId},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Messages) != 1 {
		t.Fatalf("received %d jobs, want 1", len(out.Messages))
	}
	job, err := realtime.DecodeJob([]byte(*out.Messages[0].Body))
	if err != nil {
		t.Fatal(err)
	}
	return job, out.Messages[0]
}
