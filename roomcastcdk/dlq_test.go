package roomcastcdk

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func TestDlqDefault(t *testing.T) {
	stack := newStack(t, nil)
	NewDlq(stack, jsii.String("DLQ"), nil)
	template := templateOf(stack)

	queue := only(t, template, "AWS::SQS::Queue")
	expectProperty(t, queue, "MessageRetentionPeriod", "1.2096e+06")
	expectProperty(t, queue, "SqsManagedSseEnabled", "true")
	expectProperty(t, queue, "FifoQueue", "<nil>")

	alarm := only(t, template, "AWS::CloudWatch::Alarm")
	expectProperty(t, alarm, "MetricName", "ApproximateNumberOfMessagesVisible")
	expectProperty(t, alarm, "Threshold", "1")
	expectProperty(t, alarm, "ComparisonOperator", "GreaterThanOrEqualToThreshold")
	expectProperty(t, alarm, "EvaluationPeriods", "1")
	expectProperty(t, alarm, "Period", "60")
	// A queue that nobody uses stops to report, letters or not.
	expectProperty(t, alarm, "TreatMissingData", "ignore")
}

func TestDlqRefusesPlainHTTP(t *testing.T) {
	stack := newStack(t, nil)
	NewDlq(stack, jsii.String("DLQ"), nil)
	policy := only(t, templateOf(stack), "AWS::SQS::QueuePolicy")
	statement := properties(policy)["PolicyDocument"].(map[string]any)["Statement"].([]any)[0].(map[string]any)
	if statement["Effect"] != "Deny" || !strings.Contains(reference(statement["Resource"]), "DLQQueue") {
		t.Errorf("the policy's statement is %v", statement)
	}
	condition := statement["Condition"].(map[string]any)["Bool"].(map[string]any)
	if condition["aws:SecureTransport"] != "false" {
		t.Errorf("the policy's condition is %v", condition)
	}
}

func TestDlqCustom(t *testing.T) {
	stack := newStack(t, nil)
	props := &DlqProps{Fifo: jsii.Bool(true), Retention: awscdk.Duration_Days(jsii.Number(3))}
	d := NewDlq(stack, jsii.String("DLQ"), props)
	queue := only(t, templateOf(stack), "AWS::SQS::Queue")
	expectProperty(t, queue, "MessageRetentionPeriod", "259200")
	expectProperty(t, queue, "FifoQueue", "true")

	target := d.AsDeadLetterQueue(jsii.Number(4))
	if target.Queue != d.Queue || *target.MaxReceiveCount != 4 {
		t.Errorf("AsDeadLetterQueue gave %+v", target)
	}
}

func TestDlqInvalid(t *testing.T) {
	expectPanic(t, `roomcastcdk: NewDlq "DLQ": invalid Retention of 30 seconds: expected 60 to 1209600 seconds`, func() {
		NewDlq(newStack(t, nil), jsii.String("DLQ"), &DlqProps{Retention: awscdk.Duration_Seconds(jsii.Number(30))})
	})
}

func TestDlqIsAConstruct(t *testing.T) {
	expectConstruct(t, NewDlq(newStack(t, nil), jsii.String("DLQ"), nil))
}
