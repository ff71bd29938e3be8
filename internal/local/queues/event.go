package queues

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// event is the event for a batch of messages.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type event struct {
	Records []record `json:"Records"`
}

type record struct {
	MessageID         string               `json:"messageId"`
	ReceiptHandle     string               `json:"receiptHandle"`
	Body              string               `json:"body"`
	Attributes        map[string]string    `json:"attributes"`
	MessageAttributes map[string]attribute `json:"messageAttributes"`
	MD5OfAttributes   string               `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody         string               `json:"md5OfBody"`
	EventSource       string               `json:"eventSource"`
	EventSourceARN    string               `json:"eventSourceARN"`
	Region            string               `json:"awsRegion"`
}

// attribute has lists that SQS reserves and never fills. Lambda sends them empty.
type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

// event returns the event of a batch, as JSON.
func (s *Source) event(batch []types.Message) []byte {
	var e event
	for _, m := range batch {
		r := record{
			MessageID:         aws.ToString(m.MessageId),
			ReceiptHandle:     aws.ToString(m.ReceiptHandle),
			Body:              aws.ToString(m.Body),
			Attributes:        m.Attributes,
			MessageAttributes: map[string]attribute{},
			MD5OfAttributes:   aws.ToString(m.MD5OfMessageAttributes),
			MD5OfBody:         aws.ToString(m.MD5OfBody),
			EventSource:       "aws:sqs",
			EventSourceARN:    s.config.ARN,
			Region:            s.config.Region,
		}
		for name, a := range m.MessageAttributes {
			r.MessageAttributes[name] = attribute{
				StringValue: a.StringValue, BinaryValue: a.BinaryValue,
				StringListValues: []string{}, BinaryListValues: [][]byte{},
				DataType: aws.ToString(a.DataType),
			}
		}
		e.Records = append(e.Records, r)
	}
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, bytes and maps of them always marshal
	}
	return b
}
