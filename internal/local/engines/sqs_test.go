package engines_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// fifo makes a FIFO queue whose messages stay hidden for a second, and
// returns its URL.
func fifo(t *testing.T, client *sqs.Client, name string) string {
	t.Helper()
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{
		QueueName:  aws.String(name + ".fifo"),
		Attributes: map[string]string{"FifoQueue": "true", "VisibilityTimeout": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

// send sends bodies in one group; a body also is its deduplication id.
func send(t *testing.T, client *sqs.Client, queue, group string, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
			QueueUrl: &queue, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: &body,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func receive(t *testing.T, client *sqs.Client, queue string) ([]types.Message, []string) {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: &queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, m := range out.Messages {
		bodies = append(bodies, *m.Body)
	}
	return out.Messages, bodies
}

func TestSQS(t *testing.T) {
	t.Parallel()
	client := sqs.NewFromConfig(config(start(t, engines.SQS)))
	for name, test := range map[string]func(*testing.T, *sqs.Client){
		"names": testNames, "groups": testGroups, "returned": testReturned, "redrive": testRedrive,
		"delay": testDelay, "batch": testBatch, "latency": testLatency,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, client)
		})
	}
}

// A queue is found by its name, whatever the host of its URL: the endpoint
// gives it the URL that programs see.
func testNames(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "q")
	attributes, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{"QueueArn"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := attributes.Attributes["QueueArn"], "arn:aws:sqs:us-east-1:000000000000:q.fifo"; got != want {
		t.Errorf("queue ARN %s, want %s", got, want)
	}
	for i, url := range []string{queue, "http://127.0.0.1:1/000000000000/q.fifo", "http://localhost/000000000000/q.fifo"} {
		send(t, client, url, "g", string(rune('a'+i)))
	}
	if _, bodies := receive(t, client, queue); !slices.Equal(bodies, []string{"a", "b", "c"}) {
		t.Errorf("received %q", bodies)
	}
	for _, url := range []string{"http://127.0.0.1:1/000000000000/other", ""} {
		_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")})
		if err == nil {
			t.Errorf("%q was taken for a queue", url)
		}
	}
}

// A receive returns several messages of a group. A group with messages in flight
// returns no more. Messages that were not deleted return in order, before later
// ones.
func testGroups(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "groups")
	send(t, client, queue, "g", "1", "2", "3")
	send(t, client, queue, "h", "x")

	messages, bodies := receive(t, client, queue)
	if got := strings.Join(only(bodies, "123"), ""); got != "123" || len(bodies) != 4 {
		t.Fatalf("received %q, want 1 2 3 in this order, and x", bodies)
	}
	send(t, client, queue, "g", "4")
	send(t, client, queue, "i", "y")
	if _, bodies := receive(t, client, queue); !slices.Equal(bodies, []string{"y"}) {
		t.Errorf("received %q while group g is in flight, want y", bodies)
	}
	for _, m := range messages {
		if *m.Body == "1" || *m.Body == "x" {
			if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	began := time.Now()
	_, bodies = receive(t, client, queue)
	if got := strings.Join(only(bodies, "1234"), ""); got != "234" {
		t.Errorf("received %q after the visibility timeout, want 2 3 4 in this order", bodies)
	}
	if waited := time.Since(began); waited > 2*time.Second {
		t.Errorf("they came after %s, want about 1 s", waited)
	}
}

func only(bodies []string, wanted string) []string {
	return slices.DeleteFunc(slices.Clone(bodies), func(b string) bool { return !strings.Contains(wanted, b) })
}

// Messages that a consumer gives back come again in their order, in whatever
// order they were given back.
func testReturned(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "returned")
	send(t, client, queue, "g", "1", "2", "3", "4", "5")
	for _, order := range [][]int{{0, 2, 1, 4, 3}, {4, 3, 2, 1, 0}, {1, 0, 3, 2, 4}} {
		messages, bodies := receive(t, client, queue)
		if got := strings.Join(bodies, ""); got != "12345" {
			t.Fatalf("received %q, want 1 2 3 4 5", bodies)
		}
		for _, i := range order {
			if _, err := client.ChangeMessageVisibility(t.Context(), &sqs.ChangeMessageVisibilityInput{
				QueueUrl: &queue, ReceiptHandle: messages[i].ReceiptHandle, VisibilityTimeout: 0,
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// A message with a visibility timeout of 0 is received once in a call.
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, MaxNumberOfMessages: 10, VisibilityTimeout: 0})
	if err != nil || len(out.Messages) > 5 {
		t.Errorf("received %d messages of 5, %v", len(out.Messages), err)
	}
}

// A message that was received too often goes to the dead-letter queue, and
// those behind it come.
func testRedrive(t *testing.T, client *sqs.Client) {
	dead, queue := fifo(t, client, "dead"), fifo(t, client, "alive")
	if _, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":1}`,
	}}); err != nil {
		t.Fatal(err)
	}
	send(t, client, queue, "g", "1", "2")
	if _, bodies := receive(t, client, queue); !slices.Equal(bodies, []string{"1", "2"}) {
		t.Fatalf("received %q", bodies)
	}
	send(t, client, queue, "g", "3")
	if _, bodies := receive(t, client, queue); !slices.Equal(bodies, []string{"3"}) {
		t.Errorf("received %q after the visibility timeout, want 3", bodies)
	}
	if _, bodies := receive(t, client, dead); !slices.Equal(bodies, []string{"1", "2"}) {
		t.Errorf("the dead-letter queue has %q, want 1 2", bodies)
	}
}

// A message with a delay comes when it is over, behind those that came before.
func testDelay(t *testing.T, client *sqs.Client) {
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("delay")})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for body, delay := range map[string]int32{"late": 1, "now": 0} {
		if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: out.QueueUrl, MessageBody: &body, DelaySeconds: delay}); err != nil {
			t.Fatal(err)
		}
	}
	if _, bodies := receive(t, client, *out.QueueUrl); !slices.Equal(bodies, []string{"now"}) {
		t.Errorf("received %q at first, want now", bodies)
	}
	if _, bodies := receive(t, client, *out.QueueUrl); !slices.Equal(bodies, []string{"late"}) || time.Since(began) < time.Second {
		t.Errorf("received %q after %s, want late after 1 s", bodies, time.Since(began))
	}
}

// A batch is carried out but for the entries that are wrong.
func testBatch(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "batch")
	entry := func(id, group string) types.SendMessageBatchRequestEntry {
		e := types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &id, MessageDeduplicationId: &id}
		if group != "" {
			e.MessageGroupId = &group
		}
		return e
	}
	out, err := client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{
		QueueUrl: &queue, Entries: []types.SendMessageBatchRequestEntry{entry("1", "g"), entry("2", ""), entry("3", "g")},
	})
	if err != nil || len(out.Successful) != 2 || len(out.Failed) != 1 || *out.Failed[0].Id != "2" {
		t.Fatalf("%+v, %v, want 2 to fail", out, err)
	}
	messages, bodies := receive(t, client, queue)
	if !slices.Equal(bodies, []string{"1", "3"}) {
		t.Fatalf("received %q", bodies)
	}
	deleted, err := client.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: &queue, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("1"), ReceiptHandle: messages[0].ReceiptHandle}, {Id: aws.String("3"), ReceiptHandle: messages[1].ReceiptHandle},
	}})
	if err != nil || len(deleted.Successful) != 2 {
		t.Errorf("%+v, %v, want both deleted", deleted, err)
	}
}

// A long poll is answered when a message is sent, not when its time is up.
func testLatency(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "latency")
	best := time.Hour
	for _, body := range []string{"1", "2", "3", "4", "5"} {
		arrived := make(chan time.Time, 1)
		go func() {
			if _, bodies := receive(t, client, queue); len(bodies) == 1 {
				arrived <- time.Now()
			}
			close(arrived)
		}()
		time.Sleep(30 * time.Millisecond)
		sent := time.Now()
		send(t, client, queue, body, body)
		at, ok := <-arrived
		if !ok {
			t.Fatal("nothing was received")
		}
		best = min(best, at.Sub(sent))
	}
	if best > 20*time.Millisecond {
		t.Errorf("the fastest of 5 messages took %s", best)
	}
	t.Logf("the fastest of 5 messages took %s", best)
}
