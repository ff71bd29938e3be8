package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// BroadcastFunctionProps configures a BroadcastFunction.
type BroadcastFunctionProps struct {
	// ConnectionTable is where the function finds the members of a room.
	// Required.
	ConnectionTable *ConnectionTable

	// Timeout is how long a batch of jobs may take, from 1 second to 15
	// minutes. A job whose function died, or that Lambda throttled, comes back
	// after six times as long, as AWS advises; one that failed comes back by
	// itself, 5 seconds after the first time and twice as long after each further
	// one, up to 40 seconds.
	// Default: 60 seconds.
	Timeout awscdk.Duration

	// MemorySize is the function's memory in MB, from 128 to 10240.
	// Default: 512.
	MemorySize *float64

	// MaxReceiveCount is how often a job is received before it goes to the
	// dead-letter queue, from 1 to 1000 times. A batch that Lambda throttled for
	// six times Timeout counts too, although no function has seen it: with 10, an
	// hour of throttling costs no job; and one that always fails holds up its
	// shard of a room for some four minutes.
	// Default: 10.
	MaxReceiveCount *float64

	// MaxConcurrency is how many batches of jobs are worked on at the same
	// time, from 2 to 1000. Raise it together with the account's quota of
	// requests: MaxConcurrency x PostsInFlight x 100 posts a second, at the 10 ms
	// that a post takes, are 10,000 by default. That is the default quota in most
	// Regions; it is 2,500 in some, see docs/guide/capacity.md.
	// Default: 2.
	MaxConcurrency *float64

	// PostsInFlight is how many posts each of them has under way at the same time,
	// from 4 to 100. Where the account's quota is 2,500 requests a second, 8
	// leaves room for everything but cursors: see docs/guide/capacity.md.
	// Default: 50.
	PostsInFlight *float64

	// ReservedConcurrentExecutions reserves as many of the account's concurrent
	// executions for this function, so that others cannot get it throttled, and
	// bounds it to them: at least MaxConcurrency. At least 100 executions of the
	// account have to stay unreserved, which new accounts may not have.
	// Default: none are reserved.
	ReservedConcurrentExecutions *float64

	// FunctionDefaults configures what the props above leave out. Its Timeout is
	// not used here.
	// Default: those of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// EncryptionKey is a key of yours in KMS that encrypts the queue and its
	// dead-letter queue. KMS charges for the key and for its use.
	// Default: SQS encrypts with keys of its own, at no charge.
	EncryptionKey awskms.IKey

	// LogRetention is how long the function's logs are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// Code is a folder asset with Roomcast's program, the file bootstrap.
	// Default: it is compiled from this module's source.
	Code awslambda.Code
}

// BroadcastFunction delivers to rooms that are too large for the sender's own
// function, and to the connections that a sender's own function could not
// reach: a FIFO queue of jobs, the function that works them off, and the
// dead-letter queue for those that keep failing. It works for one [ChatApi],
// the one it is passed to, or that makes it.
type BroadcastFunction struct {
	constructs.Construct

	// Queue is the FIFO queue of jobs. Senders name the deduplication id: two
	// jobs may well have the same content.
	Queue awssqs.Queue
	// Function takes the jobs from the queue.
	Function awslambda.Function
	// Dlq takes the jobs that failed too often. The command `roomcast redrive`
	// explains them and sends them again.
	Dlq *Dlq
	// ConnectionTable is where the function finds the members of a room.
	ConnectionTable *ConnectionTable
	// AgeAlarm rises when a job has waited for more than a minute: the function
	// is throttled, fails, or cannot keep up. It has no action yet: give it one
	// with its AddAlarmAction.
	AgeAlarm awscloudwatch.Alarm
	// FailureAlarm rises when a job has failed for the last time, by what the
	// function logs. It rises sooner than the Dlq's own alarm, because the metrics
	// of a queue that was idle may be 15 minutes late, but it does not see the jobs
	// that no function received. It has no action yet either.
	FailureAlarm awscloudwatch.Alarm

	// api is the ChatApi it delivers for; nil until there is one.
	api *ChatApi
	// logs is where the function writes.
	logs awslogs.ILogGroup
	// failures counts the jobs that failed for the last time.
	failures awslogs.MetricFilter
}

var _ constructs.Construct = (*BroadcastFunction)(nil)

// NewBroadcastFunction defines a queue of broadcasts and what works it off.
func NewBroadcastFunction(scope constructs.Construct, id *string, props *BroadcastFunctionProps) *BroadcastFunction {
	p := props.withDefaults()
	made := p.settings()
	p.mustBeValid(subject{"NewBroadcastFunction", id}, made)

	b := &BroadcastFunction{ConnectionTable: p.ConnectionTable}
	constructs.NewConstruct_Override(b, scope, id)
	b.Dlq = NewDlq(b, jsii.String("DLQ"), &DlqProps{Fifo: jsii.Bool(true), EncryptionKey: p.EncryptionKey})
	b.Queue = b.newQueue(p, made.Timeout)
	function, logs := newFunction(b, functionSpec{
		FunctionDefaults: made,
		code:             handlersCode(b, p.Code, made.Architecture),
		handler:          routes.Broadcast,
		// The function queues what is left of a job, so that Lambda sees a loop,
		// and would drop the 16th job of a chain. Each job of a chain names fewer
		// connections than the one before, so it ends by itself.
		recursiveLoop: awslambda.RecursiveLoop_ALLOW,
	})
	b.Function, b.logs = function, logs
	// By hand, because CDK's SqsEventSource permits two calls more than Lambda
	// makes.
	b.Function.AddEventSourceMapping(jsii.String("Source"), &awslambda.EventSourceMappingOptions{
		EventSourceArn:          b.Queue.QueueArn(),
		BatchSize:               jsii.Number(10),
		ReportBatchItemFailures: jsii.Bool(true),
		MaxConcurrency:          p.MaxConcurrency,
	})
	// The function itself decides when a job that failed comes back.
	grantConsume(b.Queue, b.Function, "sqs:ChangeMessageVisibility")
	// What a job leaves undone becomes another job.
	grantSend(b.Queue, b.Function)
	setVariable(b, b.Function, settings.BroadcastQueueURL, b.Queue.QueueUrl())
	b.Function.AddEnvironment(jsii.String(settings.MaxReceiveCount), awscdk.Tokenization_StringifyNumber(p.MaxReceiveCount), nil)
	b.Function.AddEnvironment(jsii.String(settings.PostsInFlight), awscdk.Tokenization_StringifyNumber(p.PostsInFlight), nil)
	grantTable(b.ConnectionTable.Table, b.Function, routes.AccessOf(routes.Broadcast).Connections)
	setVariable(b.ConnectionTable, b.Function, settings.ConnectionTable, b.ConnectionTable.Table.TableName())
	b.addAlarms()
	b.Node().AddValidation(&mustHaveApi{"BroadcastFunction", "Broadcast", &b.api})
	return b
}

func (p *BroadcastFunctionProps) withDefaults() BroadcastFunctionProps {
	var d BroadcastFunctionProps
	if p != nil {
		d = *p
	}
	d.MaxReceiveCount = orDefault(d.MaxReceiveCount, jsii.Number(10))
	d.MaxConcurrency = orDefault(d.MaxConcurrency, jsii.Number(2))
	d.PostsInFlight = orDefault(d.PostsInFlight, jsii.Number(50))
	return d
}

// broadcastTimeout is how long a batch of jobs may take, in seconds.
const broadcastTimeout = 60

// settings returns how the function is made: as its own props say, or else as
// FunctionDefaults does.
func (p BroadcastFunctionProps) settings() FunctionDefaults {
	own := FunctionDefaults{
		Timeout: p.Timeout, MemorySize: p.MemorySize, LogRetention: p.LogRetention,
		ReservedConcurrentExecutions: p.ReservedConcurrentExecutions,
	}
	return own.over(p.FunctionDefaults.withoutTimeout().over(background(broadcastTimeout, 512)))
}

func (p BroadcastFunctionProps) mustBeValid(s subject, settings FunctionDefaults) {
	if p.ConnectionTable == nil {
		s.fail("ConnectionTable is missing: pass the one that the ChatApi uses")
	}
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults ")
	settings.mustBeValid(s, "")
	s.whole("MaxReceiveCount", p.MaxReceiveCount, 1, 1000)
	s.concurrency("MaxConcurrency", p.MaxConcurrency)
	s.whole("PostsInFlight", p.PostsInFlight, 4, 100)
	settings.mustServe(s, *p.MaxConcurrency)
}

// concurrency demands what AWS Lambda demands of an event source.
func (s subject) concurrency(prop string, value *float64) { s.whole(prop, value, 2, 1000) }

// newQueue hides a job six times as long as the function may take, so that a
// job is not handed out again while it is worked on or Lambda is throttled.
//
// It is a queue of high throughput: the others take 300 calls a second
// altogether, this one as many for every message group, which is a shard of a
// room. A job's deduplication id counts within its group then.
func (b *BroadcastFunction) newQueue(p BroadcastFunctionProps, timeout awscdk.Duration) awssqs.Queue {
	const visibilityFactor = 6
	return newQueue(b, p.EncryptionKey, awssqs.QueueProps{
		Fifo:                      jsii.Bool(true),
		ContentBasedDeduplication: jsii.Bool(false),
		DeduplicationScope:        awssqs.DeduplicationScope_MESSAGE_GROUP,
		FifoThroughputLimit:       awssqs.FifoThroughputLimit_PER_MESSAGE_GROUP_ID,
		VisibilityTimeout:         awscdk.Duration_Seconds(jsii.Number(visibilityFactor * *timeout.ToSeconds(nil))),
		DeadLetterQueue:           b.Dlq.AsDeadLetterQueue(p.MaxReceiveCount),
	})
}

// GrantSendMessages permits a principal to put jobs into the queue, as
// `roomcast redrive --send` does. To publish messages use
// [ChatApi.GrantPublish], which includes it.
func (b *BroadcastFunction) GrantSendMessages(grantee awsiam.IGrantable) awsiam.Grant {
	subject{"GrantSendMessages", b.Node().Path()}.mustHaveGrantee(grantee)
	return grantSend(b.Queue, grantee)
}
