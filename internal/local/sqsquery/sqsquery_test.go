package sqsquery_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/sqsquery"
)

// The forms are those that boto3 1.26 sends.
func TestRequest(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"Action=ListQueues&Version=2012-11-05&QueueNamePrefix=a&MaxResults=5":                                                                                                  `ListQueues {"MaxResults":5,"QueueNamePrefix":"a"}`,
		"Action=CreateQueue&QueueName=q&Attribute.1.Name=FifoQueue&Attribute.1.Value=true&Attribute.2.Name=DelaySeconds&Attribute.2.Value=3&Tag.1.Key=k&Tag.1.Value=v":         `CreateQueue {"Attributes":{"DelaySeconds":"3","FifoQueue":"true"},"QueueName":"q","tags":{"k":"v"}}`,
		"Action=TagQueue&QueueUrl=u&Tag.1.Key=k&Tag.1.Value=v":                                                                                                                 `TagQueue {"QueueUrl":"u","Tags":{"k":"v"}}`,
		"Action=SendMessage&QueueUrl=u&MessageBody=b&DelaySeconds=1&MessageAttribute.1.Name=a&MessageAttribute.1.Value.StringValue=x&MessageAttribute.1.Value.DataType=String": `SendMessage {"DelaySeconds":1,"MessageAttributes":{"a":{"DataType":"String","StringValue":"x"}},"MessageBody":"b","QueueUrl":"u"}`,
		"Action=SendMessageBatch&QueueUrl=u&SendMessageBatchRequestEntry.2.Id=2&SendMessageBatchRequestEntry.2.MessageBody=b&SendMessageBatchRequestEntry.10.Id=10&SendMessageBatchRequestEntry.1.Id=1&SendMessageBatchRequestEntry.1.DelaySeconds=0&SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=a&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=Number": `SendMessageBatch {"Entries":[{"DelaySeconds":0,"Id":"1","MessageAttributes":{"a":{"DataType":"Number"}}},{"Id":"2","MessageBody":"b"},{"Id":"10"}],"QueueUrl":"u"}`,
		"Action=ReceiveMessage&QueueUrl=u&AttributeName.1=All&MessageAttributeName.1=a&MessageAttributeName.2=b&MaxNumberOfMessages=10&WaitTimeSeconds=0&VisibilityTimeout=2":                                                                                                                                                                                                          `ReceiveMessage {"AttributeNames":["All"],"MaxNumberOfMessages":10,"MessageAttributeNames":["a","b"],"QueueUrl":"u","VisibilityTimeout":2,"WaitTimeSeconds":0}`,
		"Action=ChangeMessageVisibilityBatch&ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=5":                                                                                                                                                                                                                                                                           `ChangeMessageVisibilityBatch {"Entries":[{"VisibilityTimeout":5}]}`,
		"Action=GetQueueAttributes&AttributeName.1=QueueArn": `GetQueueAttributes {"AttributeNames":["QueueArn"]}`,
	} {
		operation, members, err := sqsquery.Request(form)
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(members)
		if got := operation + " " + string(body); err != nil || got != want {
			t.Errorf("%s\nis  %s\nnot %s", form, got, want)
		}
	}
	for _, form := range []string{
		"Action=a&Action=a", "%zz", "DelaySeconds=soon", "Attribute.1.Name=a", "Tag.1.Value=v",
		strings.Repeat("a.", 1<<20) + "=b",
		"Attribute.1.Name=a&Attribute.1.Value=x&Attribute.2.Name=a&Attribute.2.Value=y",
	} {
		if _, members, err := sqsquery.Request(form); err == nil {
			t.Errorf("%s is taken for %v", form, members)
		}
	}
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ operation, answer, want string }{
		{"SendMessage", `{"MessageId":"1","MD5OfMessageBody":"x"}`, "<MD5OfMessageBody>x</MD5OfMessageBody><MessageId>1</MessageId>"},
		{"DeleteMessage", ``, ""},
		{"ListQueues", `{"QueueUrls":["a","b"],"NextToken":"t"}`, "<NextToken>t</NextToken><QueueUrl>a</QueueUrl><QueueUrl>b</QueueUrl>"},
		{"GetQueueAttributes", `{"Attributes":{"QueueArn":"a","DelaySeconds":"0"}}`, "<Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute><Attribute><Name>QueueArn</Name><Value>a</Value></Attribute>"},
		{"ListQueueTags", `{"Tags":{"k":"v"}}`, "<Tag><Key>k</Key><Value>v</Value></Tag>"},
		{"ReceiveMessage", `{"Messages":[{"Body":"<&>\n","Attributes":{"SentTimestamp":"1"},"MessageAttributes":{"a":{"DataType":"String","StringValue":"x"}}}]}`,
			"<Message><Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute><Body>&lt;&amp;&gt;&#xA;</Body><MessageAttribute><Name>a</Name><Value><DataType>String</DataType><StringValue>x</StringValue></Value></MessageAttribute></Message>"},
		{"SendMessageBatch", `{"Successful":[{"Id":"1"}],"Failed":[{"Id":"2","SenderFault":true}]}`,
			"<BatchResultErrorEntry><Id>2</Id><SenderFault>true</SenderFault></BatchResultErrorEntry><SendMessageBatchResultEntry><Id>1</Id></SendMessageBatchResultEntry>"},
	} {
		got, err := sqsquery.Answer(c.operation, []byte(c.answer))
		if want := "<" + c.operation + "Result>" + c.want + "</" + c.operation + "Result>"; err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s, %v, want in it %s", got, err, want)
		}
		for d := xml.NewDecoder(strings.NewReader(string(got))); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", got, err)
			}
		}
	}
	if _, err := sqsquery.Answer("SendMessage", []byte("{")); err == nil {
		t.Error("half an answer was translated")
	}
}

// FuzzRequest translates any form without a panic, and reads no queue into it
// that it does not name.
func FuzzRequest(f *testing.F) {
	f.Add("Action=SendMessage&QueueUrl=u&MessageAttribute.1.Value.StringValue=x&MessageAttribute.1.Name=a")
	f.Add("QueueUrl.1=x&QueueUrl=y&Attribute..Name=&Attribute.1.Value.=")
	f.Fuzz(func(t *testing.T, form string) {
		_, members, err := sqsquery.Request(form)
		if err != nil {
			return
		}
		if url, ok := members["QueueUrl"].(string); ok && strings.Count(form, "Q")+strings.Count(form, "%") == 0 {
			t.Errorf("%q names the queue %q", form, url)
		}
		if _, err := json.Marshal(members); err != nil {
			t.Errorf("%q: %v", form, err)
		}
	})
}
