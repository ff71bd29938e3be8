package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// BroadcastFunctionProps configures a BroadcastFunction.
type BroadcastFunctionProps struct {
	// ConnectionTable is where the function finds the members of a room.
	// Required.
	ConnectionTable *ConnectionTable

	// Timeout is how long a batch of jobs may take, from 1 second to 15
	// minutes. A job whose function died comes back after six times as long,
	// as AWS advises; one that failed comes back by itself, 5 seconds after
	// the first time and three times as long after each further one.
	// Default: 60 seconds.
	Timeout awscdk.Duration

	// MemorySize is the function's memory in MB, from 128 to 10240.
	// Default: 512.
	MemorySize *float64

	// MaxReceiveCount is how often a job is tried before it goes to the
	// dead-letter queue, from 1 to 1000 times.
	// Default: 5.
	MaxReceiveCount *float64

	// MaxConcurrency is how many batches of jobs are worked on at the same
	// time, from 2 to 1000. Each has up to 50 posts in the air, so that two of
	// them make the 10,000 posts a second, at 10 ms a post, that API Gateway
	// takes from an account by default. Raise it together with that quota.
	// Default: 2.
	MaxConcurrency *float64

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
	// DLQ takes the jobs that failed too often. The command `roomcast redrive`
	// explains them and sends them again.
	DLQ *DLQ
	// ConnectionTable is where the function finds the members of a room.
	ConnectionTable *ConnectionTable

	// api is the ChatApi it delivers for; nil until there is one.
	api *ChatApi
}

var _ constructs.Construct = (*BroadcastFunction)(nil)

// NewBroadcastFunction defines a queue of broadcasts and what works it off.
func NewBroadcastFunction(scope constructs.Construct, id *string, props *BroadcastFunctionProps) *BroadcastFunction {
	p := props.withDefaults()
	p.mustBeValid(subject{"NewBroadcastFunction", id})

	b := &BroadcastFunction{ConnectionTable: p.ConnectionTable}
	constructs.NewConstruct_Override(b, scope, id)
	b.DLQ = NewDLQ(b, jsii.String("DLQ"), &DLQProps{Fifo: jsii.Bool(true), EncryptionKey: p.EncryptionKey})
	b.Queue = b.newQueue(p)
	b.Function, _ = newFunction(b, functionSpec{
		code:         handlersCode(b, p.Code),
		handler:      "broadcast",
		architecture: awslambda.Architecture_ARM_64(),
		timeout:      p.Timeout,
		memorySize:   p.MemorySize,
		logRetention: p.LogRetention,
	})
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
	b.GrantSend(b.Function)
	b.Function.AddEnvironment(jsii.String(settings.MaxReceiveCount), awscdk.Tokenization_StringifyNumber(p.MaxReceiveCount), nil)
	b.ConnectionTable.GrantTo(b.Function, reachMembers...)
	b.Node().AddValidation(&mustHaveApi{"BroadcastFunction", "Broadcast", &b.api})
	return b
}

func (p *BroadcastFunctionProps) withDefaults() BroadcastFunctionProps {
	var d BroadcastFunctionProps
	if p != nil {
		d = *p
	}
	if d.Timeout == nil {
		d.Timeout = awscdk.Duration_Seconds(jsii.Number(60))
	}
	d.MemorySize = orDefault(d.MemorySize, jsii.Number(512))
	d.MaxReceiveCount = orDefault(d.MaxReceiveCount, jsii.Number(5))
	d.MaxConcurrency = orDefault(d.MaxConcurrency, jsii.Number(2))
	d.LogRetention = orDefault(d.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	return d
}

func (p BroadcastFunctionProps) mustBeValid(s subject) {
	if p.ConnectionTable == nil {
		s.fail("ConnectionTable is missing: pass the one that the ChatApi uses")
	}
	s.functionLimits(p.Timeout, p.MemorySize)
	s.whole("MaxReceiveCount", p.MaxReceiveCount, 1, 1000)
	s.concurrency("MaxConcurrency", p.MaxConcurrency)
}

// concurrency demands what AWS Lambda demands of an event source.
func (s subject) concurrency(prop string, value *float64) { s.whole(prop, value, 2, 1000) }

// newQueue hides a job six times as long as the function may take, so that a
// job is not handed out again while it is worked on or Lambda is throttled.
//
// It is a queue of high throughput: the others take 300 calls a second
// altogether, this one as many for every message group, which is a shard of a
// room. A job's deduplication id counts within its group then.
func (b *BroadcastFunction) newQueue(p BroadcastFunctionProps) awssqs.Queue {
	const visibilityFactor = 6
	return newQueue(b, p.EncryptionKey, awssqs.QueueProps{
		Fifo:                      jsii.Bool(true),
		ContentBasedDeduplication: jsii.Bool(false),
		DeduplicationScope:        awssqs.DeduplicationScope_MESSAGE_GROUP,
		FifoThroughputLimit:       awssqs.FifoThroughputLimit_PER_MESSAGE_GROUP_ID,
		VisibilityTimeout:         awscdk.Duration_Seconds(jsii.Number(visibilityFactor * *p.Timeout.ToSeconds(nil))),
		DeadLetterQueue:           b.DLQ.Behind(p.MaxReceiveCount),
	})
}

// GrantSend permits fn to queue a broadcast and tells it the queue's URL in the
// environment.
func (b *BroadcastFunction) GrantSend(fn awslambda.Function) awsiam.Grant {
	setVariable(b, fn, settings.BroadcastQueueURL, b.Queue.QueueUrl())
	return grantSend(b.Queue, fn)
}
