package roomcastcdk

import (
	"slices"
	"testing"
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
