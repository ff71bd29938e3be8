package queue

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// startSQS returns a client of an SQS engine for this test.
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

// TestFIFO queues jobs in a real FIFO queue: they are received in order, and a job that was
// queued twice is received once.
func TestFIFO(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	url := newQueue(t, client, "broadcast.fifo", nil)
	q := New(client, url)
	// Every kind of character that a message can have, and SQS may refuse.
	const frame = "{\"message\":\"\\u0000\x7f <&>é\u2028\ufffd\ufffe\uffff😀\U0010ffff\"}"
	var jobs []delivery.Job
	for _, seq := range []int64{1, 2, 2, 3, 1} {
		jobs = append(jobs, delivery.Job{RoomID: "a room with spaces: 😀", Seq: seq, Frame: frame})
	}
	must(t, q.Enqueue(t.Context(), jobs...))
	must(t, q.Enqueue(t.Context(), jobs[2:]...))
	for want := int64(1); want <= 3; want++ {
		job, message := receive(t, client, url)
		if job.Seq != want || job.Frame != frame {
			t.Fatalf("received seq %d with %q, want %d with %q", job.Seq, job.Frame, want, frame)
		}
		if got, group := message.Attributes["MessageGroupId"], Group(job.RoomID, 0); got != group {
			t.Errorf("message group %q, want %q", got, group)
		}
		remove(t, client, url, message)
	}
	wantEmpty(t, client, url)
}

// TestShardsConcurrently queues a job for each of many shards: all of them can be
// received at the same time.
func TestShardsConcurrently(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	url := newQueue(t, client, "broadcast.fifo", nil)
	const count = 25
	must(t, New(client, url).Enqueue(t.Context(), shards(count, 1)...))
	seen := map[int]bool{}
	for range count {
		job, _ := receive(t, client, url)
		seen[job.Shard] = true
	}
	if len(seen) != count {
		t.Errorf("received jobs of %d shards, want %d", len(seen), count)
	}
	wantEmpty(t, client, url)
}

// TestPendingWaitsForNothing checks that a job with Pending is received while another of its
// room is in flight.
func TestPendingWaitsForNothing(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	url := newQueue(t, client, "broadcast.fifo", nil)
	q := New(client, url)
	pending := []delivery.Pending{{ConnectionID: "c1", UserID: "ada", ConnectedAt: 1}}
	for _, job := range []delivery.Job{
		{RoomID: "lobby", Seq: 1, Frame: "whole"},
		{RoomID: "lobby", Seq: 1, Frame: "pending", Pending: pending},
		{RoomID: "lobby", Seq: 1, Frame: "again", Pending: pending},
		{RoomID: "lobby", Seq: 2, Frame: "waits"},
		{RoomID: "lobby", Seq: 1, Frame: "attempt", Pending: pending, Attempt: "a"},
		{NotificationID: "n1", Frame: "notification", Pending: pending},
	} {
		must(t, q.Enqueue(t.Context(), job))
	}
	var got []string
	for range 4 {
		job, _ := receive(t, client, url)
		got = append(got, job.Frame)
	}
	slices.Sort(got)
	if want := []string{"attempt", "notification", "pending", "whole"}; !slices.Equal(got, want) {
		t.Errorf("received %q at the same time, want %q", got, want)
	}
	wantEmpty(t, client, url)
}

// TestPostpone makes a job visible again when requested, ahead of the later
// ones of its group.
func TestPostpone(t *testing.T) {
	t.Parallel()
	client := startSQS(t)
	url := newQueue(t, client, "broadcast.fifo", map[string]string{"VisibilityTimeout": "360"})
	q := New(client, url)
	for seq := range int64(2) {
		must(t, q.Enqueue(t.Context(), delivery.Job{RoomID: "lobby", Seq: seq + 1, Frame: "{}"}))
	}
	_, message := receive(t, client, url)
	must(t, Postpone(t.Context(), client, url, *message.ReceiptHandle, 600*time.Millisecond))
	wantEmpty(t, client, url)
	start := time.Now()
	job, message := receive(t, client, url)
	if took := time.Since(start); job.Seq != 1 || message.Attributes["ApproximateReceiveCount"] != "2" || took < 300*time.Millisecond {
		t.Errorf("received seq %d after %v, for the time %s", job.Seq, took, message.Attributes["ApproximateReceiveCount"])
	}
	must(t, Postpone(t.Context(), client, url, *message.ReceiptHandle, 0))
	if job, message = receive(t, client, url); job.Seq != 1 {
		t.Errorf("received seq %d, want 1 at once", job.Seq)
	}
	remove(t, client, url, message)
	if job, _ := receive(t, client, url); job.Seq != 2 {
		t.Errorf("received seq %d, want 2 at last", job.Seq)
	}
	if err := Postpone(t.Context(), client, url, *message.ReceiptHandle, time.Second); err == nil {
		t.Error("postponed a message that was deleted")
	}
}

// newQueue makes a FIFO queue and returns its URL.
func newQueue(t *testing.T, client *sqs.Client, name string, attributes map[string]string) string {
	t.Helper()
	all := map[string]string{"FifoQueue": "true"}
	maps.Copy(all, attributes)
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: all})
	must(t, err)
	return *out.QueueUrl
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantEmpty checks that nothing can be received now.
func wantEmpty(t *testing.T, client *sqs.Client, url string) {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10})
	if err != nil || len(out.Messages) != 0 {
		t.Errorf("received %d jobs more, %v, want none", len(out.Messages), err)
	}
}

// remove deletes a message that was received.
func remove(t *testing.T, client *sqs.Client, url string, m types.Message) {
	t.Helper()
	_, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle})
	must(t, err)
}

// receive takes the next job out of the queue.
func receive(t *testing.T, client *sqs.Client, url string) (delivery.Job, types.Message) {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &url, MaxNumberOfMessages: 1, WaitTimeSeconds: 5,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Messages) != 1 {
		t.Fatalf("received %d jobs, want 1", len(out.Messages))
	}
	job, err := delivery.DecodeJob([]byte(*out.Messages[0].Body))
	if err != nil {
		t.Fatal(err)
	}
	return job, out.Messages[0]
}
