package queues_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/queues"
)

// cloud is the SQS engine.
type cloud struct {
	client   *sqs.Client
	endpoint string
}

func startCloud(t *testing.T) cloud {
	t.Helper()
	installed, err := engines.Install(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := installed.Start(t.Context(), engines.SQS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return cloud{endpoint: engine.Endpoint(), client: sqs.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(engine.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDTEST", "secret", ""),
	})}
}

// queue makes a FIFO queue and returns its URL and ARN.
func (c cloud) queue(t *testing.T, name string, attributes map[string]string) (url, arn string) {
	t.Helper()
	all := map[string]string{"FifoQueue": "true", "VisibilityTimeout": "1"}
	maps.Copy(all, attributes)
	out, err := c.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name + ".fifo"), Attributes: all})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl, "arn:aws:sqs:us-east-1:000000000000:" + name + ".fifo"
}

func (c cloud) send(t *testing.T, url, group, id, body string) {
	t.Helper()
	if _, err := c.client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: &url, MessageBody: &body, MessageGroupId: &group, MessageDeduplicationId: &id,
	}); err != nil {
		t.Fatal(err)
	}
}

// receive takes n messages out of a queue and returns them as group/body.
func (c cloud) receive(t *testing.T, url string, n int) []string {
	t.Helper()
	var got []string
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	for len(got) < n {
		out, err := c.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, WaitTimeSeconds: 5,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			t.Fatalf("%d of %d messages received, %q: %v", len(got), n, got, err)
		}
		for _, m := range out.Messages {
			got = append(got, m.Attributes["MessageGroupId"]+"/"+*m.Body)
			if _, err := c.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return got
}

// depth is how many messages a queue holds that can be received.
func (c cloud) depth(t *testing.T, url string) int {
	t.Helper()
	out, err := c.client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages},
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(out.Attributes["ApproximateNumberOfMessages"])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lambdaTarget makes an error of a function's failure.
type lambdaTarget struct{ function *functions.Function }

func (l lambdaTarget) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	r, err := l.function.Invoke(ctx, event)
	if err == nil && r.FunctionError != "" {
		err = errors.New(string(r.Payload))
	}
	return r.Payload, err
}

func buildBootstrap(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", filepath.Join(dir, "bootstrap"), "./testdata/bootstrap")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the bootstrap: %v\n%s", err, out)
	}
	return dir
}

// newFunction makes a function of the test's bootstrap.
func newFunction(t *testing.T, c cloud, dir string, change func(*functions.Config)) *functions.Function {
	t.Helper()
	config := functions.Config{
		Name: "Fn", Dir: dir, Handler: "x", Endpoint: c.endpoint, Timeout: 10 * time.Second,
		Logs: func(f, line string) { t.Logf("%s: %s", f, line) },
	}
	change(&config)
	f, err := functions.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// A queue, its function, and a second queue that the function sends to: order
// in a group, partial failures and redrive.
func TestQueueToFunctionToQueue(t *testing.T) {
	t.Parallel()
	dir, c := buildBootstrap(t), startCloud(t)
	out, _ := c.queue(t, "out", nil)
	dead, deadARN := c.queue(t, "dead", nil)
	in, inARN := c.queue(t, "in", map[string]string{
		"RedrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":2}`, deadARN),
	})
	function := newFunction(t, c, dir, func(f *functions.Config) { f.Env = map[string]string{"OUT_QUEUE_URL": out} })
	for i, sent := range []string{"g/1", "g/fail", "g/2", "g/3", "h/1", "h/fail once", "h/2", "i/1"} {
		group, body, _ := strings.Cut(sent, "/")
		c.send(t, in, group, fmt.Sprint(i), body)
	}
	startSource(t, c.client, lambdaTarget{function}, func(s *queues.Config) {
		s.URL, s.ARN, s.ReportBatchItemFailures = in, inARN, true
	})

	got := c.receive(t, out, 5)
	slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	if want := "g/1 h/1 h/fail once h/2 i/1"; strings.Join(got, " ") != want {
		t.Errorf("passed on %q, want %s", got, want)
	}
	// Messages behind a failed one in its group fail as often, and end in the same
	// queue.
	if got, want := strings.Join(c.receive(t, dead, 3), " "), "g/fail g/2 g/3"; got != want {
		t.Errorf("dead letters %q, want %s", got, want)
	}
}

// A message reaches the function within milliseconds, also when the long
// poll has been open for a while.
func TestLatency(t *testing.T) {
	t.Parallel()
	c := startCloud(t)
	in, inARN := c.queue(t, "in", nil)
	arrived := make(chan time.Time, 1)
	startSource(t, c.client, invokerFunc(func(context.Context, []byte) ([]byte, error) {
		arrived <- time.Now()
		return nil, nil
	}), func(s *queues.Config) { s.URL, s.ARN = in, inARN })
	var took []time.Duration
	for i := range 9 {
		time.Sleep(20 * time.Millisecond)
		began := time.Now()
		c.send(t, in, "g", fmt.Sprint(i), "x")
		took = append(took, await(t, "the message", arrived).Sub(began))
	}
	slices.Sort(took)
	t.Logf("from sending to the function: median %s, slowest %s", took[4], took[8])
	if took[0] > 20*time.Millisecond {
		t.Errorf("the fastest of 9 messages took %s", took[0])
	}
}
