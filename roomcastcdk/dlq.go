package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DlqProps configures a Dlq.
type DlqProps struct {
	// Fifo makes a FIFO queue, which a FIFO source queue requires.
	// Default: a standard queue.
	Fifo *bool

	// Retention is how long a message is kept, from 1 minute to 14 days.
	// Default: 14 days, the longest that SQS keeps messages.
	Retention awscdk.Duration

	// EncryptionKey is a KMS key of yours that encrypts the queue. KMS charges for
	// the key and for each use.
	// Default: a key that SQS owns, at no charge.
	EncryptionKey awskms.IKey
}

// Dlq is a dead-letter queue with an alarm on its first message. It is encrypted
// and accepts requests over TLS only.
//
// It is deleted with its stack. The dead-letter queue of a [BroadcastFunction] holds
// delivery jobs, not messages: the message table still has the messages.
type Dlq struct {
	constructs.Construct

	// Queue is the queue.
	Queue awssqs.Queue
	// Alarm rises when a message is visible in the queue. CloudWatch may report
	// the metrics of a queue 15 minutes late when it was idle for six hours; where
	// that matters, watch the source queue too, as [BroadcastFunction] does. The
	// alarm has no action: add one with AddAlarmAction.
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
	Alarm awscloudwatch.Alarm
}

var _ constructs.Construct = (*Dlq)(nil)

// NewDlq defines a dead-letter queue. props may be nil.
func NewDlq(scope constructs.Construct, id *string, props *DlqProps) *Dlq {
	s := subject{"NewDlq", id}
	s.mustBePlaced(scope)
	p := props.withDefaults()
	s.seconds("Retention", p.Retention, 60, 14*24*3600)

	d := &Dlq{}
	constructs.NewConstruct_Override(d, scope, id)
	d.Queue = newQueue(d, p.EncryptionKey, awssqs.QueueProps{
		Fifo:            p.Fifo,
		RetentionPeriod: p.Retention,
	})
	d.Alarm = d.alarmOnFirstMessage()
	return d
}

func (p *DlqProps) withDefaults() DlqProps {
	var d DlqProps
	if p != nil {
		d = *p
	}
	if d.Retention == nil {
		d.Retention = awscdk.Duration_Days(jsii.Number(14))
	}
	return d
}

// alarmOnFirstMessage watches the visible messages: the metric of messages sent
// does not count those that SQS itself moves to this queue.
func (d *Dlq) alarmOnFirstMessage() awscloudwatch.Alarm {
	return awscloudwatch.NewAlarm(d, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
		Metric:             d.MetricMessages(nil),
		AlarmDescription:   jsii.String("A message could not be processed and is in the dead-letter queue."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		// A queue that was idle for six hours reports nothing, even with messages
		// in it: the alarm then stays as it is.
		TreatMissingData: awscloudwatch.TreatMissingData_IGNORE,
	})
}

// MetricMessages is the number of visible messages in the queue.
// Default: the maximum over one minute.
func (d *Dlq) MetricMessages(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metricWith(d.Queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
		Period:    awscdk.Duration_Minutes(jsii.Number(1)),
		Statistic: jsii.String("Maximum"),
	}), opts)
}

// AsDeadLetterQueue returns the DeadLetterQueue prop of a source queue: SQS
// moves a message here after it was received maxReceiveCount times, from 1 to
// 1000, without being deleted. It panics if the number is invalid.
func (d *Dlq) AsDeadLetterQueue(maxReceiveCount *float64) *awssqs.DeadLetterQueue {
	s := subject{"AsDeadLetterQueue", d.Node().Path()}
	if maxReceiveCount == nil {
		s.fail("maxReceiveCount is missing: pass a whole number from 1 to 1000, such as jsii.Number(10)")
	}
	s.whole("maxReceiveCount", maxReceiveCount, 1, 1000)
	return &awssqs.DeadLetterQueue{Queue: d.Queue, MaxReceiveCount: maxReceiveCount}
}

// GrantConsumeMessages permits a principal to receive and delete the messages
// in the queue and to change their visibility timeout, as `roomcast redrive`
// does.
func (d *Dlq) GrantConsumeMessages(grantee awsiam.IGrantable) awsiam.Grant {
	subject{"GrantConsumeMessages", d.Node().Path()}.mustName(grantee)
	return grantConsume(d.Queue, grantee, "sqs:ChangeMessageVisibility")
}
