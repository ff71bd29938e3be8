package roomcastcdk

import (
	"slices"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

func TestCursorFunction(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	template := templateOf(stack)

	queue := resource(t, template, "AWS::SQS::Queue", "ChatCursorsQueue")
	expectProperty(t, queue, "FifoQueue", "true")
	expectProperty(t, queue, "ContentBasedDeduplication", "false")
	expectHighThroughput(t, queue)
	expectProperty(t, queue, "MessageRetentionPeriod", "60")
	expectProperty(t, queue, "VisibilityTimeout", "10")
	expectProperty(t, queue, "SqsManagedSseEnabled", "true")
	if properties(queue)["RedrivePolicy"] != nil {
		t.Error("moves that were not shown are kept in a dead-letter queue")
	}

	source := resource(t, template, "AWS::Lambda::EventSourceMapping", "ChatCursorsFunctionSource")
	if from := reference(properties(source)["EventSourceArn"]); from != "ChatCursorsQueue" {
		t.Errorf("the function takes its moves from %s", from)
	}
	expectProperty(t, source, "BatchSize", "10")
	expectProperty(t, source, "ScalingConfig", "map[MaximumConcurrency:2]")

	function := functionOf(t, template, "cursors")
	expectProperty(t, function, "Timeout", "10")
	expectProperty(t, function, "MemorySize", "512")
	expectEnvironment(t, function, "ROOMCAST_CALLBACK_URL", "ROOMCAST_CONNECTION_TABLE")
	may := slices.Concat(
		on("ChatConnectionTable", "dynamodb:Query"),
		on("arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/prod/POST/@connections/*", "execute-api:ManageConnections"),
		on("ChatCursorsQueue", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"))
	expectAllowed(t, template, "cursors", withLogs(may, "ChatCursors")...)
	expectConstruct(t, chat.Cursors)
}

// TestCursorFunctionGrantSend grants a function of the app's own to queue
// moves.
func TestCursorFunctionGrantSend(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	own := NewGoFunction(stack, jsii.String("Own"), &GoFunctionProps{Entry: jsii.String("lambdas/own")})
	chat.Cursors.GrantSend(own.Function)
	template := templateOf(stack)
	expectAllowed(t, template, "bootstrap", withLogs(on("ChatCursorsQueue", "sqs:SendMessage"), "Own")...)
	expectEnvironment(t, functionOf(t, template, "bootstrap"), "ROOMCAST_CURSOR_QUEUE_URL")
}
