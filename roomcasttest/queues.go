package roomcasttest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local"
)

// Depth is how many messages a queue holds.
type Depth struct {
	// Waiting is the number of messages that can be received.
	Waiting int
	// InFlight is the number that have been received and not deleted.
	InFlight int
	// Delayed is the number that cannot be received yet.
	Delayed int
}

// Total is the number of all messages.
func (d Depth) Total() int { return d.Waiting + d.InFlight + d.Delayed }

// Depth returns how many messages a queue holds. The queue is named by the
// stack output that holds its URL, ARN or name, by its logical id, as `roomcast
// up` lists it, or by its own name. The call bypasses policies, faults and usage.
func (s *Stack) Depth(t testing.TB, queue string) Depth {
	t.Helper()
	of := s.queue(t, queue)
	out, err := s.sqs().GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(of.URL), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		t.Fatalf("roomcasttest: depth of the queue %s: %v", of.Name, err)
	}
	count := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(out.Attributes[string(name)])
		return n
	}
	return Depth{
		Waiting:  count(types.QueueAttributeNameApproximateNumberOfMessages),
		InFlight: count(types.QueueAttributeNameApproximateNumberOfMessagesNotVisible),
		Delayed:  count(types.QueueAttributeNameApproximateNumberOfMessagesDelayed),
	}
}

// queue finds a queue by any of its names.
func (s *Stack) queue(t testing.TB, name string) local.Queue {
	t.Helper()
	queue, ok := s.queueOf(name)
	if !ok {
		var names []string
		for _, known := range s.cloud.Queues() {
			names = append(names, known.Label)
		}
		t.Fatalf("roomcasttest: there is no queue %q in the stack, only %s", name, listed(names))
	}
	return queue
}

func (s *Stack) queueOf(name string) (local.Queue, bool) {
	output := s.Output(name)
	for _, queue := range s.cloud.Queues() {
		switch name {
		case queue.Name, queue.LogicalID, queue.Label, queue.URL:
			return queue, true
		}
		if output != "" && (output == queue.Name || output == queue.URL || strings.HasSuffix(output, ":"+queue.Name)) {
			return queue, true
		}
	}
	return local.Queue{}, false
}

func (s *Stack) sqs() *sqs.Client {
	return sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.cloud.Engine("sqs")), Credentials: unchecked,
	})
}
