package plan

import (
	"maps"
	"strings"
	"testing"
)

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{"Dead": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true}}, "Q": {"Type": "AWS::SQS::Queue", "Properties": {
		"FifoQueue": "true", "ContentBasedDeduplication": false, "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId",
		"VisibilityTimeout": "60", "DelaySeconds": 0, "KmsMasterKeyId": "alias/aws/sqs",
		"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": "5"}}}}`)
	got := p.Queues[1].Attributes()
	want := map[string]string{
		"FifoQueue":           "true",
		"DeduplicationScope":  "messageGroup",
		"FifoThroughputLimit": "perMessageGroupId",
		"VisibilityTimeout":   "60",
		"DelaySeconds":        "0",
		"RedrivePolicy":       `{"deadLetterTargetArn":"` + p.Queues[0].ARN() + `","maxReceiveCount":5}`,
	}
	if !maps.Equal(got, want) {
		t.Errorf("attributes are %v, want %v", got, want)
	}
}

func TestRedrivePoliciesAreRefused(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		`{"maxReceiveCount": 5}`: "expected a deadLetterTargetArn",
		`{"deadLetterTargetArn": "arn:aws:sqs:x", "maxReceiveCount": 0}`: "a maxReceiveCount of at least 1",
		`"often"`: "invalid RedrivePolicy: invalid character",
	} {
		_, err := tryPlan(t, `{"Q": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": `+policy+`}}}`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want in it %q", policy, err, want)
		}
	}
}
