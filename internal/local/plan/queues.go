package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Queue is an SQS queue.
type Queue struct {
	*Resource
	Name       string
	URL        string // as on AWS
	properties queueProperties
	redrive    *redrivePolicy // nil: failed messages stay in the queue
}

type queueProperties struct {
	QueueName                     string
	FifoQueue                     Bool
	ContentBasedDeduplication     Bool
	DeduplicationScope            string
	FifoThroughputLimit           string
	DelaySeconds                  *Integer
	MaximumMessageSize            *Integer
	MessageRetentionPeriod        *Integer
	ReceiveMessageWaitTimeSeconds *Integer
	VisibilityTimeout             *Integer
	RedrivePolicy                 document
	RedriveAllowPolicy            document
}

// QueueURLPrefix is every queue's URL up to the name.
const QueueURLPrefix = "https://sqs." + Region + "." + urlSuffix + "/" + Account + "/"

func (p *Plan) addQueue(r *Resource, properties map[string]any) ([]string, error) {
	q := &Queue{Resource: r}
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
		q.Name = r.name(given, 80)
	case given == "":
		q.Name = r.name("", 75) + ".fifo"
	case strings.HasSuffix(given, ".fifo"):
		q.Name = given
	default:
		return nil, fmt.Errorf("invalid QueueName %q: expected a name that ends in .fifo, because it is a FIFO queue", given)
	}
	q.URL = QueueURLPrefix + q.Name
	r.refer(q.URL, q.ARN())
	r.attributes["QueueName"] = q.Name
	r.attributes["QueueUrl"] = q.URL
	p.Queues = append(p.Queues, q)
	return ignored, nil
}

// Attributes returns the properties as SQS's API takes them: all are strings.
func (q *Queue) Attributes() map[string]string {
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
	numbers := map[string]*Integer{
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
		// The count must be a number, even if the template has a string.
		attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, q.redrive.Target, q.redrive.Count)
	}
	return attributes
}

// redrivePolicy says where failed messages go.
type redrivePolicy struct {
	Target string  `json:"deadLetterTargetArn"`
	Count  Integer `json:"maxReceiveCount"`
}

// redrive reads a redrive policy. It returns nil for no policy.
func (d document) redrive() (*redrivePolicy, error) {
	if d == "" {
		return nil, nil
	}
	policy := &redrivePolicy{}
	if err := json.Unmarshal([]byte(d), policy); err != nil {
		return nil, fmt.Errorf("invalid RedrivePolicy: %w", err)
	}
	if policy.Target == "" || policy.Count < 1 {
		return nil, errors.New("invalid RedrivePolicy: expected a deadLetterTargetArn and a maxReceiveCount of at least 1")
	}
	return policy, nil
}

// link refuses a dead-letter queue of the other type, as SQS does.
func (q *Queue) link(p *Plan) error {
	if q.redrive == nil {
		return nil
	}
	dead := p.queueByARN(q.redrive.Target)
	if dead == nil || dead.properties.FifoQueue == q.properties.FifoQueue {
		return nil
	}
	return fmt.Errorf("%s: invalid RedrivePolicy: the dead-letter queue %s has another type; make both FIFO queues or neither", q, dead)
}

// Visibility is how long a received message is hidden.
func (q *Queue) Visibility() time.Duration {
	if given := q.properties.VisibilityTimeout; given != nil {
		return time.Duration(*given) * time.Second
	}
	return 30 * time.Second // SQS's default
}

// ARN is the queue's ARN.
func (q *Queue) ARN() string { return ARN("sqs", q.Name) }

// queueByARN finds a queue of any stack.
func (p *Plan) queueByARN(arn string) *Queue {
	for _, q := range p.Queues {
		if q.ARN() == arn {
			return q
		}
	}
	return nil
}
