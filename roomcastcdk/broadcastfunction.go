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
	// ConnectionTable has the members of rooms. Required.
	ConnectionTable *ConnectionTable

	// Timeout is how long a batch of jobs may take, from 1 second to 15 minutes, in
	// whole seconds that are known during synthesis. The queue's visibility timeout
	// is six times as long, as AWS recommends: then SQS delivers a job again if its
	// function died or was throttled. A job that failed is retried after 5 seconds,
	// then after twice as long each time, up to 40 seconds.
	// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	// Default: 60 seconds.
	Timeout awscdk.Duration

	// MemorySize is the function's memory in MB, from 128 to 10240.
	// Default: 512.
	MemorySize *float64

	// MaxReceiveCount is how often a job is received before it goes to the
	// dead-letter queue, from 1 to 1000 times. A batch that Lambda throttled counts
	// too, although no function received it. With 10, no job is lost in an hour of
	// throttling, and a job that always fails blocks its shard of a room for about
	// four minutes.
	// Default: 10.
	MaxReceiveCount *float64

	// MaxConcurrency is how many batches of jobs are processed concurrently, from 2
	// to 1000. Together the batches make up to MaxConcurrency x PostsInFlight x 100
	// posts a second, at 10 ms a post: by default 10,000, the account's quota in
	// most Regions. Raise it together with the quota. See docs/guide/capacity.md.
	// Default: 2.
	MaxConcurrency *float64

	// PostsInFlight is how many posts each batch makes concurrently, from 4 to 100.
	// Where the account's quota is 2,500 requests a second, set it to 8: see
	// docs/guide/capacity.md.
	// Default: 50.
	PostsInFlight *float64

	// ReservedConcurrentExecutions reserves concurrent invocations of the account
	// for this function, so that other functions cannot get it throttled. It must
	// be at least MaxConcurrency, or 0 to stop the function. 100 invocations of the
	// account must stay unreserved, which new accounts may not have.
	// Default: none are reserved.
	ReservedConcurrentExecutions *float64

	// FunctionDefaults configures what the props above leave out. Its Timeout is
	// ignored.
	// Default: the defaults of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// EncryptionKey is a KMS key of yours that encrypts the queue and its
	// dead-letter queue. KMS charges for the key and for each use.
	// Default: a key that SQS owns, at no charge.
	EncryptionKey awskms.IKey

	// LogRetention is how long the function's logs are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// Code is an asset with Roomcast's program, the file bootstrap.
	// Default: the program is compiled from the source of this module.
	Code awslambda.Code
}

// BroadcastFunction delivers messages to rooms that are too large for the
// sender's function, and to connections that the sender's function could not
// reach: a FIFO queue of jobs, the function that processes them, and a
// dead-letter queue. It works for one [ChatApi], which makes it or to which it is
// passed.
type BroadcastFunction struct {
	constructs.Construct

	// Queue is the FIFO queue of jobs. Senders set the deduplication id, because
	// two jobs may have the same content.
	Queue awssqs.Queue
	// Function processes the jobs.
	Function awslambda.Function
	// Dlq receives the jobs that failed too often. The command `roomcast redrive`
	// explains them and sends them again.
	Dlq *Dlq
	// ConnectionTable has the members of rooms.
	ConnectionTable *ConnectionTable
	// AgeAlarm rises when a job has waited for more than a minute: the function is
	// throttled, fails, or is too slow. It has no action: add one with
	// AddAlarmAction.
	AgeAlarm awscloudwatch.Alarm
	// FailureAlarm rises when the function logs that a job failed for the last
	// time. It rises sooner than the alarm of Dlq, whose metrics may be 15 minutes
	// late, but does not see jobs that no function received. It has no action: add
	// one with AddAlarmAction.
	FailureAlarm awscloudwatch.Alarm

	// api is the ChatApi it delivers for; nil until there is one.
	api *ChatApi
	// logs is the function's log group.
	logs awslogs.ILogGroup
	// failures counts the jobs that failed for the last time.
	failures awslogs.MetricFilter
}

var _ constructs.Construct = (*BroadcastFunction)(nil)

// NewBroadcastFunction defines the queue, its function and the dead-letter queue.
func NewBroadcastFunction(scope constructs.Construct, id *string, props *BroadcastFunctionProps) *BroadcastFunction {
	s := subject{"NewBroadcastFunction", id}
	s.mustBePlaced(scope)
	p := props.withDefaults()
	made := p.settings()
	p.mustBeValid(s, made)

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

// settings returns the function's own props over FunctionDefaults.
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
	s.mustBeMade("ConnectionTable", p.ConnectionTable.Table != nil, connectionTables)
	s.broadcastTimeout(settings.Timeout)
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults.")
	settings.mustBeValid(s, "")
	s.whole("MaxReceiveCount", p.MaxReceiveCount, 1, 1000)
	s.concurrency("MaxConcurrency", p.MaxConcurrency)
	s.whole("PostsInFlight", p.PostsInFlight, 4, 100)
	settings.mustServe(s, *p.MaxConcurrency)
}

// broadcastTimeout refuses a timeout that is known at deployment only: the
// visibility timeout of the queue is computed from it.
func (s subject) broadcastTimeout(timeout awscdk.Duration) {
	if *timeout.IsUnresolved() {
		s.fail("invalid Timeout of the broadcast function: expected a value that is known during synthesis, because the queue's visibility timeout is six times as long; pass a number")
	}
}

// concurrency requires what AWS Lambda requires of an event source.
func (s subject) concurrency(prop string, value *float64) { s.whole(prop, value, 2, 1000) }

// newQueue makes a queue whose visibility timeout is six times the function's, so
// that a job is not delivered again while it is processed or Lambda is throttled.
//
// It is a high-throughput FIFO queue: SQS limits the calls of each message group,
// which is a shard of a room, instead of all calls to the queue. Deduplication ids
// count within a group.
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
	subject{"GrantSendMessages", b.Node().Path()}.mustName(grantee)
	return grantSend(b.Queue, grantee)
}
