package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newBroadcast defines a BroadcastFunction and the ChatApi that it works for.
func newBroadcast(scope constructs.Construct, props BroadcastFunctionProps) *BroadcastFunction {
	props.ConnectionTable = NewConnectionTable(scope, jsii.String("Connections"), nil)
	b := NewBroadcastFunction(scope, jsii.String("Broadcast"), &props)
	NewChatApi(scope, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), Broadcast: b})
	return b
}

// jobQueue returns the queue of the newBroadcast of this template.
func jobQueue(t *testing.T, template assertions.Template) map[string]any {
	t.Helper()
	return resource(t, template, "AWS::SQS::Queue", "BroadcastQueue")
}

func functionOf(t *testing.T, template assertions.Template, handler string) map[string]any {
	t.Helper()
	for _, function := range all(template, "AWS::Lambda::Function") {
		if properties(function)["Handler"] == handler {
			return function
		}
	}
	t.Fatalf("there is no function with the handler %s", handler)
	return nil
}

func TestBroadcastFunctionDefault(t *testing.T) {
	stack := newStack(t, nil)
	b := newBroadcast(stack, BroadcastFunctionProps{})
	template := templateOf(stack)

	queue := jobQueue(t, template)
	expectProperty(t, queue, "FifoQueue", "true")
	expectProperty(t, queue, "ContentBasedDeduplication", "false")
	expectHighThroughput(t, queue)
	expectProperty(t, queue, "VisibilityTimeout", "360")
	expectProperty(t, queue, "SqsManagedSseEnabled", "true")
	redrive := properties(queue)["RedrivePolicy"].(map[string]any)
	if redrive["maxReceiveCount"] != 10.0 || reference(redrive["deadLetterTargetArn"]) != "BroadcastDLQQueue" {
		t.Errorf("the redrive policy is %v", redrive)
	}
	template.ResourceCountIs(jsii.String("AWS::SQS::Queue"), jsii.Number(3))
	template.AllResourcesProperties(jsii.String("AWS::SQS::Queue"), map[string]any{"FifoQueue": true})

	source := resource(t, template, "AWS::Lambda::EventSourceMapping", "BroadcastFunctionSource")
	expectProperty(t, source, "BatchSize", "10")
	expectProperty(t, source, "ScalingConfig", "map[MaximumConcurrency:2]")
	expectProperty(t, source, "FunctionResponseTypes", "[ReportBatchItemFailures]")

	function := functionOf(t, template, "broadcast")
	expectProperty(t, function, "Timeout", "60")
	expectProperty(t, function, "MemorySize", "512")
	expectEnvironment(t, function, "ROOMCAST_CALLBACK_URL", "ROOMCAST_CONNECTION_TABLE", "ROOMCAST_MESSAGE_TABLE",
		"ROOMCAST_BROADCAST_QUEUE_URL", "ROOMCAST_MAX_RECEIVE_COUNT", "ROOMCAST_POSTS_IN_FLIGHT", "ROOMCAST_SHARD_SIZE", "ROOMCAST_MESSAGE_RETENTION")
	expectVariables(t, template, "broadcast", map[string]string{"MAX_RECEIVE_COUNT": "10", "POSTS_IN_FLIGHT": "50", "SHARD_SIZE": "500"})
	expectConstruct(t, b)
}

// TestBroadcastFunctionMayCallItself: what a job leaves undone becomes another
// job, which Lambda takes for a loop and would drop after 16. Of no other
// function it is wanted.
func TestBroadcastFunctionMayCallItself(t *testing.T) {
	stack := newStack(t, nil)
	newBroadcast(stack, BroadcastFunctionProps{})
	for _, function := range all(templateOf(stack), "AWS::Lambda::Function") {
		want := "<nil>"
		if properties(function)["Handler"] == "broadcast" {
			want = "Allow"
		}
		expectProperty(t, function, "RecursiveLoop", want)
		expectProperty(t, function, "ReservedConcurrentExecutions", "<nil>")
	}
}

func TestBroadcastAlarms(t *testing.T) {
	stack := newStack(t, nil)
	b := newBroadcast(stack, BroadcastFunctionProps{})
	template := templateOf(stack)

	age := resource(t, template, "AWS::CloudWatch::Alarm", "BroadcastAgeAlarm")
	expectProperty(t, age, "MetricName", "ApproximateAgeOfOldestMessage")
	expectProperty(t, age, "Threshold", "60")
	expectProperty(t, age, "ComparisonOperator", "GreaterThanThreshold")
	expectProperty(t, age, "Statistic", "Maximum")

	filter := resource(t, template, "AWS::Logs::MetricFilter", "BroadcastFailures")
	expectProperty(t, filter, "FilterPattern", "{ $.deadLetter IS TRUE }")
	if got := reference(properties(filter)["LogGroupName"]); got != "BroadcastLogs" {
		t.Errorf("the filter reads %s", got)
	}
	metric := properties(filter)["MetricTransformations"].([]any)[0].(map[string]any)
	failure := resource(t, template, "AWS::CloudWatch::Alarm", "BroadcastFailureAlarm")
	expectProperty(t, failure, "MetricName", metric["MetricName"].(string))
	expectProperty(t, failure, "Namespace", metric["MetricNamespace"].(string))
	if b.AgeAlarm == nil || b.FailureAlarm == nil {
		t.Error("the alarms cannot be given an action")
	}
}

func TestBroadcastFunctionCustom(t *testing.T) {
	stack := newStack(t, nil)
	newBroadcast(stack, BroadcastFunctionProps{
		Timeout:         awscdk.Duration_Minutes(jsii.Number(2)),
		MemorySize:      jsii.Number(1024),
		MaxReceiveCount: jsii.Number(3),
		MaxConcurrency:  jsii.Number(40),
		PostsInFlight:   jsii.Number(8),

		ReservedConcurrentExecutions: jsii.Number(40),
		LogRetention:                 awslogs.RetentionDays_ONE_DAY,
		Code:                         awslambda.Code_FromAsset(jsii.String("testdata"), nil),
	})
	template := templateOf(stack)

	queue := jobQueue(t, template)
	expectProperty(t, queue, "VisibilityTimeout", "720")
	source := resource(t, template, "AWS::Lambda::EventSourceMapping", "BroadcastFunctionSource")
	expectProperty(t, source, "ScalingConfig", "map[MaximumConcurrency:40]")
	if redrive := properties(queue)["RedrivePolicy"].(map[string]any); redrive["maxReceiveCount"] != 3.0 {
		t.Errorf("the redrive policy is %v", redrive)
	}
	function := functionOf(t, template, "broadcast")
	expectProperty(t, function, "Timeout", "120")
	expectProperty(t, function, "MemorySize", "1024")
	expectProperty(t, function, "ReservedConcurrentExecutions", "40")
	expectVariables(t, template, "broadcast", map[string]string{"MAX_RECEIVE_COUNT": "3", "POSTS_IN_FLIGHT": "8"})
	if code := properties(function)["Code"]; codeKey(code) == codeKey(properties(functionOf(t, template, "rooms"))["Code"]) {
		t.Errorf("the function does not have its own code but %v", code)
	}
	template.HasResourceProperties(jsii.String("AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": 1})
}

// codeKey is what the code of a function is stored under.
func codeKey(code any) any { return code.(map[string]any)["S3Key"] }

func TestBroadcastFunctionInvalid(t *testing.T) {
	table := NewConnectionTable(newStack(t, nil), jsii.String("Connections"), nil)
	tests := []struct {
		name  string
		props *BroadcastFunctionProps
		want  string
	}{
		{"no props", nil, `roomcastcdk: NewBroadcastFunction "B": ConnectionTable is missing`},
		{"never received", &BroadcastFunctionProps{ConnectionTable: table, MaxReceiveCount: jsii.Number(0)}, "invalid MaxReceiveCount 0: expected a whole number from 1 to 1000"},
		{"one at a time", &BroadcastFunctionProps{ConnectionTable: table, MaxConcurrency: jsii.Number(1)}, "invalid MaxConcurrency 1: expected a whole number from 2 to 1000"},
		{"few reserved", &BroadcastFunctionProps{ConnectionTable: table, ReservedConcurrentExecutions: jsii.Number(1)}, "invalid ReservedConcurrentExecutions 1: expected at least 2, the concurrency"},
		{"few posts", &BroadcastFunctionProps{ConnectionTable: table, PostsInFlight: jsii.Number(3)}, "invalid PostsInFlight 3: expected a whole number from 4 to 100"},
		{"invalid defaults", &BroadcastFunctionProps{ConnectionTable: table, FunctionDefaults: &FunctionDefaults{MemorySize: jsii.Number(1)}}, "invalid FunctionDefaults.MemorySize 1: expected"},
		{"too long", &BroadcastFunctionProps{ConnectionTable: table, Timeout: awscdk.Duration_Hours(jsii.Number(1))}, "invalid Timeout of 3600 seconds"},
		{"too large", &BroadcastFunctionProps{ConnectionTable: table, MemorySize: jsii.Number(20000)}, "invalid MemorySize 20000: expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { NewBroadcastFunction(newStack(t, nil), jsii.String("B"), test.props) })
		})
	}
}

// expectHighThroughput checks that a FIFO queue takes as many calls for every
// message group as others do altogether.
func expectHighThroughput(t *testing.T, queue map[string]any) {
	t.Helper()
	expectProperty(t, queue, "FifoThroughputLimit", "perMessageGroupId")
	expectProperty(t, queue, "DeduplicationScope", "messageGroup")
}

func TestBroadcastFunctionWithoutChatApi(t *testing.T) {
	stack := newStack(t, nil)
	NewBroadcastFunction(stack, jsii.String("Broadcast"), &BroadcastFunctionProps{
		ConnectionTable: NewConnectionTable(stack, jsii.String("Connections"), nil),
	})
	expectPanic(t, "no ChatApi uses this BroadcastFunction", func() { templateOf(stack) })
}
