package roomcastcdk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/gobuild"
)

// newChatWithTokens defines a ChatApi with an authorizer, and so with every kind
// of function that there is.
func newChatWithTokens(stack awscdk.Stack, props ChatApiProps, authorizer *FunctionDefaults) *ChatApi {
	props.Auth = NewJwtAuthorizer(stack, jsii.String("Users"), &JwtAuthorizerProps{FunctionDefaults: authorizer})
	return NewChatApi(stack, jsii.String("Chat"), &props)
}

// loggingOf is what a function says about its logs, without its log group.
func loggingOf(function map[string]any) string {
	logging := properties(function)["LoggingConfig"].(map[string]any)
	return fmt.Sprintf("%v %v %v", logging["LogFormat"], logging["ApplicationLogLevel"], logging["SystemLogLevel"])
}

func TestFunctionsLogJSON(t *testing.T) {
	stack := newStack(t, nil)
	newChatWithTokens(stack, ChatApiProps{}, nil)
	NewGoFunction(stack, jsii.String("Own"), &GoFunctionProps{Entry: jsii.String("own")})
	template := templateOf(stack)
	functions := all(template, "AWS::Lambda::Function")
	if len(functions) != 10 {
		t.Errorf("there are %d functions", len(functions))
	}
	for id, function := range functions {
		if got := loggingOf(function); got != "JSON INFO WARN" {
			t.Errorf("%s logs %s", id, got)
		}
		expectProperty(t, function, "Architectures", "[arm64]")
	}
	config := only(t, template, "AWS::Lambda::EventInvokeConfig")
	expectProperty(t, config, "MaximumEventAgeInSeconds", "60")
	expectProperty(t, config, "MaximumRetryAttempts", "0")
	if got := reference(properties(config)["FunctionName"]); got != "ChatExpiryFunction" {
		t.Errorf("the calls of %s are bounded", got)
	}
}

// TestErrorAlarm: an error of any function is counted, once.
func TestErrorAlarm(t *testing.T) {
	for want, defaults := range map[int]*FunctionDefaults{
		9: nil,
		1: {}, // a log group that all share
	} {
		stack := newStack(t, nil)
		if defaults != nil {
			defaults.LogGroup = awslogs.NewLogGroup(stack, jsii.String("Shared"), nil)
		}
		chat := newChatWithTokens(stack, ChatApiProps{FunctionDefaults: defaults}, defaults)
		template := templateOf(stack)
		alarm := resource(t, template, "AWS::CloudWatch::Alarm", "ChatErrorAlarm")
		groups := map[string]bool{}
		for id, filter := range all(template, "AWS::Logs::MetricFilter") {
			if properties(filter)["FilterPattern"] != `{ $.level = "ERROR" }` {
				continue
			}
			groups[reference(properties(filter)["LogGroupName"])] = true
			if metric := properties(filter)["MetricTransformations"].([]any)[0].(map[string]any); metric["MetricName"] != properties(alarm)["MetricName"] {
				t.Errorf("%s counts %v, the alarm watches %v", id, metric["MetricName"], properties(alarm)["MetricName"])
			}
		}
		if len(groups) != want || chat.ErrorAlarm == nil {
			t.Errorf("errors of %d log groups are counted, want %d", len(groups), want)
		}
	}
}

// TestMetricsOfADeployment: one app that is deployed under two names to one account
// has two sets of metrics.
func TestMetricsOfADeployment(t *testing.T) {
	for _, name := range []string{"chat-dev", "chat-prod"} {
		stack := newStackOf(t, nil, &awscdk.StackProps{StackName: &name})
		newChatWithTokens(stack, ChatApiProps{}, nil)
		template := templateOf(stack)
		for id, filter := range all(template, "AWS::Logs::MetricFilter") {
			metric := properties(filter)["MetricTransformations"].([]any)[0].(map[string]any)
			if got := metric["MetricNamespace"]; got != "Roomcast/"+name {
				t.Errorf("%s counts in %v", id, got)
			}
		}
		for _, alarm := range []string{"ChatErrorAlarm", "ChatBroadcastFailureAlarm"} {
			expectProperty(t, resource(t, template, "AWS::CloudWatch::Alarm", alarm), "Namespace", "Roomcast/"+name)
		}
	}
}

func TestFunctionDefaults(t *testing.T) {
	stack := newStack(t, nil)
	key := newKey(stack)
	defaults := &FunctionDefaults{
		Architecture:             awslambda.Architecture_X86_64(),
		MemorySize:               jsii.Number(1024),
		Timeout:                  awscdk.Duration_Seconds(jsii.Number(20)),
		Tracing:                  awslambda.Tracing_ACTIVE,
		ApplicationLogLevel:      awslambda.ApplicationLogLevel_DEBUG,
		SystemLogLevel:           awslambda.SystemLogLevel_INFO,
		LogRetention:             awslogs.RetentionDays_ONE_WEEK,
		LogRemovalPolicy:         awscdk.RemovalPolicy_RETAIN,
		LogEncryptionKey:         key,
		EnvironmentEncryptionKey: key,
	}
	newChatWithTokens(stack, ChatApiProps{FunctionDefaults: defaults}, defaults)
	if asked.target != gobuild.Lambda("amd64") {
		t.Errorf("built for %s, want linux/amd64", asked.target)
	}
	template := templateOf(stack)
	timeouts := map[string]string{"broadcast": "60", "cursors": "10", "expiry": "50"}
	for _, function := range all(template, "AWS::Lambda::Function") {
		expectProperty(t, function, "Architectures", "[x86_64]")
		expectProperty(t, function, "MemorySize", "1024")
		expectProperty(t, function, "Timeout", orDefault(timeouts[fmt.Sprint(properties(function)["Handler"])], "20"))
		expectProperty(t, function, "TracingConfig", "map[Mode:Active]")
		if got := loggingOf(function); got != "JSON DEBUG INFO" {
			t.Errorf("logs %s", got)
		}
		if got := reference(properties(function)["KmsKeyArn"]); got != "Key" {
			t.Errorf("the environment is encrypted with %q", got)
		}
	}
	groups := all(template, "AWS::Logs::LogGroup")
	if len(groups) != 9 {
		t.Errorf("there are %d log groups", len(groups))
	}
	for _, group := range groups {
		expectProperty(t, group, "RetentionInDays", "7")
		if got := reference(properties(group)["KmsKeyId"]); got != "Key" || group["DeletionPolicy"] != "Retain" {
			t.Errorf("a log group is encrypted with %q, DeletionPolicy %v", got, group["DeletionPolicy"])
		}
	}
	policy := fmt.Sprint(properties(only(t, template, "AWS::KMS::Key"))["KeyPolicy"])
	if strings.Count(policy, "kms:EncryptionContext:aws:logs:arn") != 1 {
		t.Errorf("CloudWatch Logs may not use the key, or several times: %s", policy)
	}
	for id, policy := range all(template, "AWS::IAM::Policy") {
		if text := fmt.Sprint(properties(policy)); !strings.Contains(text, "kms:Decrypt") || !strings.Contains(text, "xray:PutTraceSegments") {
			t.Errorf("%s does not permit to decrypt the environment and to send traces: %s", id, text)
		}
	}
}

func TestFunctionOverrides(t *testing.T) {
	stack := newStack(t, nil)
	group := awslogs.NewLogGroup(stack, jsii.String("Shared"), nil)
	newChatWithTokens(stack, ChatApiProps{
		FunctionDefaults: &FunctionDefaults{MemorySize: jsii.Number(512), SystemLogLevel: awslambda.SystemLogLevel_DEBUG},
		FunctionOverrides: map[string]*FunctionDefaults{
			"messages":  {MemorySize: jsii.Number(1024), ReservedConcurrentExecutions: jsii.Number(100), LogGroup: group},
			"session":   {Architecture: awslambda.Architecture_X86_64(), Timeout: awscdk.Duration_Seconds(jsii.Number(20))},
			"inbox":     {LoggingFormat: awslambda.LoggingFormat_TEXT},
			"broadcast": {Timeout: awscdk.Duration_Minutes(jsii.Number(2)), ReservedConcurrentExecutions: jsii.Number(2)},
			"cursors":   {Timeout: awscdk.Duration_Seconds(jsii.Number(5))},
			"expiry":    {MemorySize: jsii.Number(128)},
		},
	}, &FunctionDefaults{MemorySize: jsii.Number(256)})
	template := templateOf(stack)

	for handler, want := range map[string]map[string]string{
		"messages":   {"MemorySize": "1024", "ReservedConcurrentExecutions": "100", "Timeout": "10"},
		"session":    {"MemorySize": "512", "Architectures": "[x86_64]", "Timeout": "20"},
		"broadcast":  {"MemorySize": "512", "Timeout": "120", "ReservedConcurrentExecutions": "2", "Architectures": "[arm64]"},
		"cursors":    {"MemorySize": "512", "Timeout": "5"},
		"expiry":     {"MemorySize": "128", "Timeout": "50"},
		"authorizer": {"MemorySize": "256"},
		"rooms":      {"MemorySize": "512"},
	} {
		for name, value := range want {
			expectProperty(t, functionOf(t, template, handler), name, value)
		}
	}
	if got := loggingOf(functionOf(t, template, "inbox")); got != "Text <nil> <nil>" {
		t.Errorf("inbox logs %s", got)
	}
	if got := loggingOf(functionOf(t, template, "rooms")); got != "JSON INFO DEBUG" {
		t.Errorf("rooms logs %s", got)
	}
	logging := properties(functionOf(t, template, "messages"))["LoggingConfig"].(map[string]any)
	if got := reference(logging["LogGroup"]); got != "Shared" {
		t.Errorf("messages logs to %s", got)
	}
	// Both queues hide what they hand out for as long as their function may take.
	expectProperty(t, resource(t, template, "AWS::SQS::Queue", "ChatBroadcastQueue"), "VisibilityTimeout", "720")
	expectProperty(t, resource(t, template, "AWS::SQS::Queue", "ChatCursorsQueue"), "VisibilityTimeout", "5")
}

func TestFunctionOverridesInvalid(t *testing.T) {
	stack := newStack(t, nil)
	shared := awslogs.NewLogGroup(stack, jsii.String("Shared"), nil)
	code := awslambda.Code_FromAsset(jsii.String("testdata/bootstrap"), nil)
	tests := []struct {
		name  string
		props ChatApiProps
		want  string
	}{
		{"an unknown name", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"Messages": {}}},
			`roomcastcdk: NewChatApi "Chat": invalid FunctionOverrides name "Messages": expected one of session, messages, rooms, inbox, ephemeral,`},
		{"the authorizer", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"authorizer": {}}}, "set FunctionDefaults there"},
		{"a route", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"sendMessage": {}}},
			`invalid FunctionOverrides name "sendMessage": the function "messages" serves that route; override it`},
		{"its route", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"refresh": {}}}, "made by the JwtAuthorizer"},
		{"an override out of range", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"rooms": {MemorySize: jsii.Number(64)}}},
			"invalid FunctionOverrides[rooms].MemorySize 64: expected a whole number from 128 to 10240"},
		{"a default out of range", ChatApiProps{FunctionDefaults: &FunctionDefaults{Timeout: awscdk.Duration_Hours(jsii.Number(1))}},
			"invalid FunctionDefaults.Timeout of 3600 seconds: expected 1 to 900 seconds"},
		{"levels of text", ChatApiProps{FunctionDefaults: &FunctionDefaults{LoggingFormat: awslambda.LoggingFormat_TEXT, SystemLogLevel: awslambda.SystemLogLevel_INFO}},
			"have no effect with the logging format TEXT: use JSON"},
		{"the level of one in text", ChatApiProps{
			FunctionDefaults:  &FunctionDefaults{LoggingFormat: awslambda.LoggingFormat_TEXT},
			FunctionOverrides: map[string]*FunctionDefaults{"rooms": {ApplicationLogLevel: awslambda.ApplicationLogLevel_DEBUG}},
		}, "FunctionOverrides[rooms].ApplicationLogLevel and"},
		{"a retention of a log group", ChatApiProps{FunctionDefaults: &FunctionDefaults{LogGroup: shared, LogRetention: awslogs.RetentionDays_ONE_DAY}},
			"FunctionDefaults.LogGroup exists already"},
		{"two retentions", ChatApiProps{LogRetention: awslogs.RetentionDays_ONE_DAY, FunctionDefaults: &FunctionDefaults{LogGroup: shared}},
			"LogRetention has no effect on the LogGroup of FunctionDefaults"},
		{"a retention that is set twice", ChatApiProps{LogRetention: awslogs.RetentionDays_ONE_DAY, FunctionDefaults: &FunctionDefaults{LogRetention: awslogs.RetentionDays_ONE_WEEK}},
			"LogRetention is set twice: leave it out, or leave it out of FunctionDefaults"},
		{"one program for two processors", ChatApiProps{Code: code, FunctionOverrides: map[string]*FunctionDefaults{"rooms": {Architecture: awslambda.Architecture_X86_64()}}},
			`invalid FunctionOverrides[rooms].Architecture "x86_64": expected "arm64" like the other functions`},
		{"few cursors", ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"cursors": {ReservedConcurrentExecutions: jsii.Number(1)}}},
			"invalid ReservedConcurrentExecutions 1: expected at least 2, the concurrency"},
		{"too many posts", ChatApiProps{PostsInFlight: jsii.Number(101)}, "invalid PostsInFlight 101: expected a whole number from 4 to 100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.props.Auth = OpenAuth()
			expectPanic(t, test.want, func() { NewChatApi(newStack(t, nil), jsii.String("Chat"), &test.props) })
		})
	}
	expectPanic(t, "FunctionDefaults has no effect on the Function that was passed", func() {
		stack := newStack(t, nil)
		judge := NewGoFunction(stack, jsii.String("Judge"), &GoFunctionProps{Entry: jsii.String("judge")}).Function
		NewJwtAuthorizer(stack, jsii.String("Users"), &JwtAuthorizerProps{Function: judge, FunctionDefaults: &FunctionDefaults{}})
	})
	for want, props := range map[string]ChatApiProps{
		"Broadcast was passed; set FunctionDefaults where it is defined": {FunctionOverrides: map[string]*FunctionDefaults{"broadcast": {}}},
		"PostsInFlight has no effect on the Broadcast that was passed":   {PostsInFlight: jsii.Number(8)},
	} {
		stack := newStack(t, nil)
		props.Auth = OpenAuth()
		props.Broadcast = NewBroadcastFunction(stack, jsii.String("Broadcast"), &BroadcastFunctionProps{
			ConnectionTable: NewConnectionTable(stack, jsii.String("Connections"), nil),
		})
		expectPanic(t, want, func() { NewChatApi(stack, jsii.String("Chat"), &props) })
	}
}

func TestOverridesOfAnAppThatRunsOpen(t *testing.T) {
	stack := newStack(t, nil)
	NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{
		Auth:              OpenAuth(),
		FunctionOverrides: map[string]*FunctionDefaults{"expiry": {MemorySize: jsii.Number(128)}},
	})
	templateOf(stack).ResourceCountIs(jsii.String("AWS::Events::Rule"), jsii.Number(0))
}

func TestDualStack(t *testing.T) {
	for want, kind := range map[string]awsapigatewayv2.IpAddressType{
		"<nil>": "", "dualstack": awsapigatewayv2.IpAddressType_DUAL_STACK, "ipv4": awsapigatewayv2.IpAddressType_IPV4,
	} {
		stack := newStack(t, nil)
		NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), IpAddressType: kind})
		expectProperty(t, only(t, templateOf(stack), "AWS::ApiGatewayV2::Api"), "IpAddressType", want)
	}
}

// TestExemptionsAddUp: a role that may post and sends traces has two reasons.
func TestExemptionsAddUp(t *testing.T) {
	stack := newStack(t, nil)
	NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{
		Auth: OpenAuth(), FunctionOverrides: map[string]*FunctionDefaults{"messages": {Tracing: awslambda.Tracing_ACTIVE}},
	})
	policy := resource(t, templateOf(stack), "AWS::IAM::Policy", "ChatMessagesRoleDefaultPolicy")
	rules := policy["Metadata"].(map[string]any)["cdk_nag"].(map[string]any)["rules_to_suppress"].([]any)
	if len(rules) != 2 {
		t.Errorf("the exemptions are %v", rules)
	}
}
