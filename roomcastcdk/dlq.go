package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DLQProps configures a DLQ.
type DLQProps struct {
	// Fifo makes the queue a FIFO queue, which the dead-letter queue of a FIFO
	// queue has to be.
	// Default: a standard queue.
	Fifo *bool

	// Retention is how long a message stays, from 1 minute to 14 days.
	// Default: 14 days, the longest that SQS keeps a message.
	Retention awscdk.Duration

	// EncryptionKey is a key of yours in KMS that encrypts the queue. KMS charges
	// for the key and for its use.
	// Default: SQS encrypts with keys of its own, at no charge.
	EncryptionKey awskms.IKey
}

// DLQ is a dead-letter queue with an alarm on the first message in it. It is
// encrypted and takes requests over TLS only.
//
// It is deleted with its stack: what it holds are jobs to deliver a message
// that the message table keeps.
type DLQ struct {
	constructs.Construct

	// Queue is the dead-letter queue itself.
	Queue awssqs.Queue
	// Alarm rises when a message is visible in the queue. The metric of a queue
	// that was not used for six hours may be 15 minutes late: where that matters,
	// watch the source queue's age too, as [BroadcastFunction] does. The alarm
	// has no action yet: give it one with its AddAlarmAction.
	Alarm awscloudwatch.Alarm
}

var _ constructs.Construct = (*DLQ)(nil)

// NewDLQ defines a dead-letter queue. props may be nil.
func NewDLQ(scope constructs.Construct, id *string, props *DLQProps) *DLQ {
	p := props.withDefaults()
	subject{"NewDLQ", id}.seconds("Retention", p.Retention, 60, 14*24*3600)

	d := &DLQ{}
	constructs.NewConstruct_Override(d, scope, id)
	d.Queue = newQueue(d, p.EncryptionKey, awssqs.QueueProps{
		Fifo:            p.Fifo,
		RetentionPeriod: p.Retention,
	})
	d.Alarm = d.alarmOnFirstMessage()
	return d
}

func (p *DLQProps) withDefaults() DLQProps {
	var d DLQProps
	if p != nil {
		d = *p
	}
	if d.Retention == nil {
		d.Retention = awscdk.Duration_Days(jsii.Number(14))
	}
	return d
}

// alarmOnFirstMessage watches the messages that are visible: the metric of
// messages sent does not count those that SQS itself moves here.
func (d *DLQ) alarmOnFirstMessage() awscloudwatch.Alarm {
	visible := d.Queue.MetricApproximateNumberOfMessagesVisible(&awscloudwatch.MetricOptions{
		Period:    awscdk.Duration_Minutes(jsii.Number(1)),
		Statistic: jsii.String("Maximum"),
	})
	return awscloudwatch.NewAlarm(d, jsii.String("Alarm"), &awscloudwatch.AlarmProps{
		Metric:             visible,
		AlarmDescription:   jsii.String("A message could not be processed and lies in the dead-letter queue."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		// A queue that nobody has used for six hours reports nothing, also if
		// messages are in it: then the alarm stays as it is.
		TreatMissingData: awscloudwatch.TreatMissingData_IGNORE,
	})
}

// Behind returns what a queue takes as its DeadLetterQueue to move a message
// here once it was received maxReceiveCount times without success.
func (d *DLQ) Behind(maxReceiveCount *float64) *awssqs.DeadLetterQueue {
	return &awssqs.DeadLetterQueue{Queue: d.Queue, MaxReceiveCount: maxReceiveCount}
}
