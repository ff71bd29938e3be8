package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// CursorFunction delivers cursor moves to rooms that are too large for the
// function of the route cursorMove: a FIFO queue of moves, and the function that
// processes them. Messages have another queue, so that no message waits for a
// cursor. Each [ChatApi] makes its own.
//
// There is no dead-letter queue and no retry: a move is obsolete after two
// seconds, and the next one replaces it.
type CursorFunction struct {
	constructs.Construct

	// Queue is the FIFO queue of moves. It keeps a move for a minute, the shortest
	// that SQS offers. Senders set the deduplication id.
	Queue awssqs.Queue
	// Function processes the moves.
	Function awslambda.Function

	logs awslogs.ILogGroup // where it writes
}

var _ constructs.Construct = (*CursorFunction)(nil)

const (
	// cursorTimeout is how long a batch of moves may take, in seconds. Such a
	// batch is done in a fraction of one.
	cursorTimeout = 10
	// cursorConcurrency is how many batches are worked on at the same time. It
	// is the least that Lambda offers: cursors may not take the posts that
	// messages need. Each function has few posts in flight for the same reason.
	cursorConcurrency = 2
)

// newCursorFunction defines a queue of cursor moves and what works it off. The
// function still has to be permitted to post.
func newCursorFunction(scope constructs.Construct, id string, connections *ConnectionTable, key awskms.IKey, code awslambda.Code, made FunctionDefaults) *CursorFunction {
	f := &CursorFunction{}
	constructs.NewConstruct_Override(f, scope, &id)
	f.Queue = f.newQueue(key, made.Timeout)
	f.Function, f.logs = newFunction(f, functionSpec{FunctionDefaults: made, code: code, handler: routes.Cursors})
	f.Function.AddEventSourceMapping(jsii.String("Source"), &awslambda.EventSourceMappingOptions{
		EventSourceArn: f.Queue.QueueArn(),
		BatchSize:      jsii.Number(10),
		MaxConcurrency: jsii.Number(cursorConcurrency),
	})
	grantConsume(f.Queue, f.Function)
	grantTable(connections.Table, f.Function, routes.AccessOf(routes.Cursors).Connections)
	setVariable(connections, f.Function, settings.ConnectionTable, connections.Table.TableName())
	return f
}

// newQueue hides a move just as long as the function may take, not six times
// as long, as AWS advises. A move that is shown twice does no harm; but while
// one is hidden whose function died, its shard sees no cursor.
func (f *CursorFunction) newQueue(key awskms.IKey, timeout awscdk.Duration) awssqs.Queue {
	queue := newQueue(f, key, awssqs.QueueProps{
		Fifo:                      jsii.Bool(true),
		ContentBasedDeduplication: jsii.Bool(false),
		DeduplicationScope:        awssqs.DeduplicationScope_MESSAGE_GROUP,
		FifoThroughputLimit:       awssqs.FifoThroughputLimit_PER_MESSAGE_GROUP_ID,
		RetentionPeriod:           awscdk.Duration_Minutes(jsii.Number(1)),
		VisibilityTimeout:         timeout,
	})
	exempt(queue, exemption{rule: "AwsSolutions-SQS3", reason: "The move of a cursor is worth nothing after two seconds: " +
		"there is nothing to keep in a dead-letter queue, and the next move makes up for it."})
	return queue
}

// MetricErrors is the number of invocations of the function that failed: each
// is a batch of moves that nobody sees.
// Default: the sum over five minutes.
func (f *CursorFunction) MetricErrors(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return f.Function.MetricErrors(opts)
}
