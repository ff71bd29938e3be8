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
		"names": testNames, "groups": testGroups, "latency": testLatency,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, client)
		})
	}
}

// A queue is named as on AWS, and found whatever the host of its URL.
func testNames(t *testing.T, client *sqs.Client) {
	queue := fifo(t, client, "q")
	if want := "https://sqs.us-east-1.amazonaws.com/000000000000/q.fifo"; queue != want {
		t.Errorf("queue URL %s, want %s", queue, want)
	}
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
	for _, url := range []string{"http://127.0.0.1:1/000000000000/other", "http://127.0.0.1:1/111111111111/q.fifo", ""} {
		_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: aws.String("x")})
		if err == nil {
			t.Errorf("%q was taken for a queue", url)
		}
	}
}

// A receive takes several messages of a group; a group that has messages in
// flight gives no more; what was not deleted comes again, in order, before
// what came later.
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
