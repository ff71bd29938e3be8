package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// queue is an SQS queue.
type queue struct {
	*resource
	name       string
	url        string // as AWS would give it
	properties queueProperties
	redrive    *redrivePolicy // nil: messages that fail stay
}

type queueProperties struct {
	QueueName                     string
	FifoQueue                     flag
	ContentBasedDeduplication     flag
	DeduplicationScope            string
	FifoThroughputLimit           string
	DelaySeconds                  *integer
	MaximumMessageSize            *integer
	MessageRetentionPeriod        *integer
	ReceiveMessageWaitTimeSeconds *integer
	VisibilityTimeout             *integer
	RedrivePolicy                 document
	RedriveAllowPolicy            document
}

// queueURL is the front of every queue's URL, up to the name.
const queueURL = "https://sqs." + region + "." + urlSuffix + "/" + account + "/"

func (p *plan) addQueue(r *resource, properties map[string]any) ([]string, error) {
	q := &queue{resource: r}
	ignored, err := decode(properties, &q.properties)
	if err != nil {
		return nil, err
	}
	if q.redrive, err = q.properties.RedrivePolicy.redrive(); err != nil {
		return nil, err
	}
	given := q.properties.QueueName
	switch {
	case !bool(q.properties.FifoQueue):
		q.name = r.name(given, 80)
	case given == "":
		q.name = r.name("", 75) + ".fifo"
	case strings.HasSuffix(given, ".fifo"):
		q.name = given
	default:
		return nil, fmt.Errorf("its QueueName %q does not end in .fifo, as the name of a FIFO queue has to", given)
	}
	q.url = queueURL + q.name
	r.refer(q.url, q.arn())
	r.attributes["QueueName"] = q.name
	r.attributes["QueueUrl"] = q.url
	p.queues = append(p.queues, q)
	return ignored, nil
}

// create makes the queue. One that it redrives to has to exist; the plan's
// order sees to that.
func (q *queue) create(ctx context.Context, client *sqs.Client) error {
	_, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(q.name), Attributes: q.attributes()})
	if err != nil {
		return fmt.Errorf("create the queue %s: %w", q, err)
	}
	return nil
}

// attributes are the properties as SQS's API takes them: all of them strings.
func (q *queue) attributes() map[string]string {
	attributes := map[string]string{}
	texts := map[string]string{
		"DeduplicationScope":  q.properties.DeduplicationScope,
		"FifoThroughputLimit": q.properties.FifoThroughputLimit,
		"RedriveAllowPolicy":  string(q.properties.RedriveAllowPolicy),
	}
	for name, value := range texts {
		if value != "" {
			attributes[name] = value
		}
	}
	numbers := map[string]*integer{
		"DelaySeconds":                  q.properties.DelaySeconds,
		"MaximumMessageSize":            q.properties.MaximumMessageSize,
		"MessageRetentionPeriod":        q.properties.MessageRetentionPeriod,
		"ReceiveMessageWaitTimeSeconds": q.properties.ReceiveMessageWaitTimeSeconds,
		"VisibilityTimeout":             q.properties.VisibilityTimeout,
	}
	for name, value := range numbers {
		if value != nil {
			attributes[name] = strconv.Itoa(int(*value))
		}
	}
	// SQS refuses these two with the value false.
	if q.properties.FifoQueue {
		attributes["FifoQueue"] = "true"
	}
	if q.properties.ContentBasedDeduplication {
		attributes["ContentBasedDeduplication"] = "true"
	}
	if q.redrive != nil {
		// The count is a number here, however the template writes it.
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.redrive.Target, q.redrive.Count)
	}
	return attributes
}

// redrivePolicy says where messages go that fail.
type redrivePolicy struct {
	Target string  `json:"deadLetterTargetArn"`
	Count  integer `json:"maxReceiveCount"`
}

// redrive reads a redrive policy; none at all is nil.
func (d document) redrive() (*redrivePolicy, error) {
	if d == "" {
		return nil, nil
	}
	policy := &redrivePolicy{}
	if err := json.Unmarshal([]byte(d), policy); err != nil {
		return nil, fmt.Errorf("its RedrivePolicy is not understood: %w", err)
	}
	if policy.Target == "" || policy.Count < 1 {
		return nil, errors.New("its RedrivePolicy needs a deadLetterTargetArn and a maxReceiveCount of 1 or more")
	}
	return policy, nil
}

// link refuses a dead-letter queue of the other type, as SQS does.
func (q *queue) link(p *plan) error {
	if q.redrive == nil {
		return nil
	}
	dead := p.queueByARN(q.redrive.Target)
	if dead == nil || dead.properties.FifoQueue == q.properties.FifoQueue {
		return nil
	}
	return fmt.Errorf("%s: its dead-letter queue %s has to be of the same type: make both FIFO queues or neither", q, dead)
}

// visibility is how long a received message is hidden.
func (q *queue) visibility() time.Duration {
	if given := q.properties.VisibilityTimeout; given != nil {
		return time.Duration(*given) * time.Second
	}
	return 30 * time.Second // SQS's default
}

// arn is the queue's ARN.
func (q *queue) arn() string { return arn("sqs", q.name) }

// queueByARN finds a queue of any stack.
func (p *plan) queueByARN(arn string) *queue {
	for _, q := range p.queues {
		if q.arn() == arn {
			return q
		}
	}
	return nil
}
