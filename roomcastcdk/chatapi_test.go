package roomcastcdk

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/gobuild"
	"github.com/roomcast/roomcast/internal/routes"
)

// openRoutes is how many routes a ChatApi has with open authentication: all but
// refresh.
var openRoutes = float64(len(routes.Routes) - 1)

func newChat(stack awscdk.Stack) *ChatApi {
	return NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth()})
}

func TestChatApiDefault(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	template := templateOf(stack)

	for resource, count := range map[string]float64{
		"AWS::ApiGatewayV2::Api":           1,
		"AWS::ApiGatewayV2::Stage":         1,
		"AWS::ApiGatewayV2::Route":         openRoutes,
		"AWS::ApiGatewayV2::Integration":   5,
		"AWS::ApiGatewayV2::RouteResponse": openRoutes - 3, // $connect, $disconnect and cursorMove have none
		"AWS::Lambda::Permission":          5,
		"AWS::Lambda::Function":            7,
		"AWS::Lambda::EventSourceMapping":  2,
		"AWS::IAM::Role":                   7,
		"AWS::DynamoDB::GlobalTable":       2,
		"AWS::SQS::Queue":                  3,
	} {
		template.ResourceCountIs(jsii.String(resource), jsii.Number(count))
	}
	api := only(t, template, "AWS::ApiGatewayV2::Api")
	expectProperty(t, api, "RouteSelectionExpression", "$request.body.action")
	expectProperty(t, api, "ProtocolType", "WEBSOCKET")
	stage := only(t, template, "AWS::ApiGatewayV2::Stage")
	expectProperty(t, stage, "StageName", "prod")
	expectProperty(t, stage, "AutoDeploy", "true")
	template.AllResourcesProperties(jsii.String("AWS::Lambda::Function"), map[string]any{
		"Runtime": "provided.al2023", "Architectures": []any{"arm64"},
	})
	template.AllResourcesProperties(jsii.String("AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": 30})
	if asked.target != gobuild.Lambda("arm64") {
		t.Errorf("built for %s, want linux/arm64", asked.target)
	}
	expectVariables(t, template, "session", map[string]string{"AUTH": "open"})
	expectVariables(t, template, "messages", map[string]string{"DIRECT_LIMIT": "100", "MESSAGE_RETENTION": "604800", "NOTIFICATION_RETENTION": "2592000", "INBOX_LIMIT": "100"})
	expectVariables(t, template, "rooms", map[string]string{"MESSAGE_RETENTION": "604800", "MESSAGE_HISTORY": "1000", "SHARD_SIZE": "500"})
	expectVariables(t, template, "ephemeral", map[string]string{"DIRECT_LIMIT": "100"})
	if chat.Expiry != nil {
		t.Error("connections without a token are made to end")
	}
	expectConstruct(t, chat)
}

// TestChatApiFunctions states for every function what it may do and what is in its
// environment, and compares its routes with the table.
func TestChatApiFunctions(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	template := templateOf(stack)

	const connections, messages = "ChatConnectionTable", "ChatMessageTable"
	const queue, cursors = "ChatBroadcastQueue", "ChatCursorsQueue"
	const socket = "arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/prod/%s/@connections/*"
	post := on(fmt.Sprintf(socket, "POST"), "execute-api:ManageConnections")
	reap := slices.Concat(post,
		on(connections, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"),
		on(fmt.Sprintf(socket, "GET"), "execute-api:ManageConnections"))
	count := on(connections, "dynamodb:UpdateItem")
	tests := []struct {
		name, id         string
		may, environment []string
	}{
		{"session", "Session",
			slices.Concat(on(connections, "dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:GetItem"), on(messages, "dynamodb:GetItem")),
			[]string{"CONNECTION_TABLE", "MESSAGE_TABLE", "AUTH", "CONNECTIONS_PER_IP", "CONNECTIONS_PER_USER", "MEMBERS_PER_ROOM"}},
		{"messages", "Messages",
			slices.Concat(reap, count, on(messages, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:BatchWriteItem"), on(queue, "sqs:SendMessage")),
			[]string{"CONNECTION_TABLE", "MESSAGE_TABLE", "CALLBACK_URL", "BROADCAST_QUEUE_URL", "DIRECT_LIMIT", "MESSAGE_RETENTION", "NOTIFICATION_RETENTION", "INBOX_LIMIT",
				"MESSAGE_RATE", "MESSAGE_BURST", "FRAME_RATE", "MAX_MESSAGE_BYTES", "NOTIFY_USERS"}},
		{"rooms", "Rooms",
			slices.Concat(on(connections, "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"),
				on(messages, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem")),
			[]string{"CONNECTION_TABLE", "MESSAGE_TABLE", "MESSAGE_RETENTION", "MESSAGE_HISTORY", "SHARD_SIZE", "DIRECT_LIMIT",
				"ROOMS_PER_CONNECTION", "MEMBERS_PER_ROOM", "FRAME_RATE"}},
		{"inbox", "Inbox",
			slices.Concat(on(connections, "dynamodb:GetItem"), on(messages, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem")),
			[]string{"CONNECTION_TABLE", "MESSAGE_TABLE", "INBOX_LIMIT", "FRAME_RATE"}},
		{"ephemeral", "Ephemeral",
			slices.Concat(post, on(connections, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"), on(messages, "dynamodb:GetItem"), on(cursors, "sqs:SendMessage")),
			[]string{"CONNECTION_TABLE", "MESSAGE_TABLE", "CALLBACK_URL", "CURSOR_QUEUE_URL", "DIRECT_LIMIT", "CURSOR_RATE", "CURSOR_MEMBERS", "CURSOR_POSTS"}},
	}
	if len(tests) != len(chat.Functions) {
		t.Errorf("there are %d functions, want %d", len(chat.Functions), len(tests))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectAllowed(t, template, test.name, withLogs(test.may, "Chat"+test.id)...)
			var environment []string
			for _, name := range test.environment {
				environment = append(environment, "ROOMCAST_"+name)
			}
			expectEnvironment(t, functionOf(t, template, test.name), environment...)
			for _, r := range routes.Of(test.name) {
				if chat.Routes[r.Key] == nil || chat.RouteFunction(&r.Key) != chat.Functions[test.name] {
					t.Errorf("the route %s is not served by it", r.Key)
				}
				if got := answers(template, r.Key); got != r.Returns() {
					t.Errorf("the route %s answers its frames: %v", r.Key, got)
				}
			}
			want := []string{"arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/prod/*"}
			if got := invokers(template, "Chat"+test.id+"Function"); !slices.Equal(got, want) {
				t.Errorf("invoked by %s, want %s", got, want)
			}
		})
	}
	resize := on(messages, "dynamodb:GetItem", "dynamodb:UpdateItem")
	consume := on(queue, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility", "sqs:SendMessage")
	expectAllowed(t, template, "broadcast", withLogs(slices.Concat(reap, resize, consume), "ChatBroadcast")...)
}

func TestRouteFunctionInvalid(t *testing.T) {
	chat := newChat(newStack(t, nil))
	expectPanic(t, `RouteFunction "<nil>": the route key is missing`, func() { chat.RouteFunction(nil) })
	const keys = "invalid route key: expected one of $connect, $disconnect, $default, sendMessage, "
	for _, key := range []string{"", "shout", "refresh"} { // there are no tokens to refresh
		expectPanic(t, fmt.Sprintf("RouteFunction %q: ", key)+keys, func() { chat.RouteFunction(&key) })
	}
}

// invokers returns the ARNs of what may invoke a function, sorted.
func invokers(template assertions.Template, function string) []string {
	var sources []string
	for _, permission := range all(template, "AWS::Lambda::Permission") {
		if reference(properties(permission)["FunctionName"]) == function {
			sources = append(sources, reference(properties(permission)["SourceArn"]))
		}
	}
	slices.Sort(sources)
	return sources
}

// answers reports whether the route sends its function's answer to the client.
func answers(template assertions.Template, key string) bool {
	for id, route := range all(template, "AWS::ApiGatewayV2::Route") {
		if properties(route)["RouteKey"] != key || properties(route)["RouteResponseSelectionExpression"] != "$default" {
			continue
		}
		for _, response := range all(template, "AWS::ApiGatewayV2::RouteResponse") {
			if properties(response)["RouteId"].(map[string]any)["Ref"] == id {
				return true
			}
		}
	}
	return false
}

func TestChatApiCustom(t *testing.T) {
	stack := newStack(t, nil)
	connections := NewConnectionTable(stack, jsii.String("Connections"), nil)
	messages := NewMessageTable(stack, jsii.String("Messages"), &MessageTableProps{
		Table: awsdynamodb.TableV2_FromTableName(stack, jsii.String("Existing"), jsii.String("messages")),
	})
	broadcast := NewBroadcastFunction(stack, jsii.String("Broadcast"), &BroadcastFunctionProps{ConnectionTable: connections})
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{
		Auth:            OpenAuth(),
		ConnectionTable: connections,
		MessageTable:    messages,
		Broadcast:       broadcast,
		StageName:       jsii.String("beta_2"),
		DirectLimit:     jsii.Number(7),
		ShardSize:       jsii.Number(2),

		MessageRetention:      awscdk.Duration_Hours(jsii.Number(2)),
		MessageHistory:        jsii.Number(100_000),
		NotificationRetention: awscdk.Duration_Days(jsii.Number(3650)),
		InboxLimit:            jsii.Number(5),

		LogRetention: awslogs.RetentionDays_THREE_DAYS,
		Code:         awslambda.Code_FromAsset(jsii.String("testdata/bootstrap"), nil),
	})
	template := templateOf(stack)

	if chat.ConnectionTable != connections || chat.MessageTable != messages || chat.Broadcast != broadcast {
		t.Error("the ChatApi does not use the parts that it was given")
	}
	template.ResourceCountIs(jsii.String("AWS::DynamoDB::GlobalTable"), jsii.Number(1))
	template.ResourceCountIs(jsii.String("AWS::SQS::Queue"), jsii.Number(3))
	expectProperty(t, only(t, template, "AWS::ApiGatewayV2::Stage"), "StageName", "beta_2")
	expectVariables(t, template, "messages", map[string]string{
		"DIRECT_LIMIT": "7", "MESSAGE_TABLE": "messages", "MESSAGE_RETENTION": "7200"})
	for _, handler := range []string{"rooms", "broadcast"} {
		expectVariables(t, template, handler, map[string]string{"SHARD_SIZE": "2", "MESSAGE_RETENTION": "7200"})
	}
	expectVariables(t, template, "ephemeral", map[string]string{"DIRECT_LIMIT": "7"})
	expectVariables(t, template, "rooms", map[string]string{"DIRECT_LIMIT": "7", "MESSAGE_HISTORY": "100000"})
	expectVariables(t, template, "messages", map[string]string{"NOTIFICATION_RETENTION": "315360000", "INBOX_LIMIT": "5"})
	template.ResourcePropertiesCountIs(jsii.String("AWS::Logs::LogGroup"), map[string]any{"RetentionInDays": 3}, jsii.Number(6))
}

func TestChatApiTakesTheTableOfItsBroadcast(t *testing.T) {
	stack := newStack(t, nil)
	connections := NewConnectionTable(stack, jsii.String("Connections"), nil)
	broadcast := NewBroadcastFunction(stack, jsii.String("Broadcast"), &BroadcastFunctionProps{ConnectionTable: connections})
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), Broadcast: broadcast})
	if chat.ConnectionTable != connections {
		t.Error("the ChatApi uses another connection table than its Broadcast")
	}
}

func TestChatApiInvalid(t *testing.T) {
	other := newStack(t, nil)
	tests := []struct {
		name  string
		props *ChatApiProps
		want  string
	}{
		{"no props", nil, `roomcastcdk: NewChatApi "Chat": Auth is missing`},
		{"stage name", &ChatApiProps{Auth: OpenAuth(), StageName: jsii.String("$default")}, `invalid StageName "$default": expected 1 to 128 letters, digits, hyphens or underscores`},
		{"direct limit", &ChatApiProps{Auth: OpenAuth(), DirectLimit: jsii.Number(0)}, "invalid DirectLimit 0: expected a whole number from 1 to 1000"},
		{"shard size", &ChatApiProps{Auth: OpenAuth(), ShardSize: jsii.Number(1)}, "invalid ShardSize 1: expected a whole number from 2 to 5000"},
		{"broadcasts at a time", &ChatApiProps{Auth: OpenAuth(), BroadcastConcurrency: jsii.Number(1001)}, "invalid BroadcastConcurrency 1001: expected a whole number from 2 to 1000"},
		{"broadcasts at a time, elsewhere", &ChatApiProps{Auth: OpenAuth(), BroadcastConcurrency: jsii.Number(9),
			Broadcast: NewBroadcastFunction(other, jsii.String("Limited"), &BroadcastFunctionProps{
				ConnectionTable: NewConnectionTable(other, jsii.String("Alone"), nil),
			}),
		}, "BroadcastConcurrency has no effect on the Broadcast that was passed"},
		{"message retention", &ChatApiProps{Auth: OpenAuth(), MessageRetention: awscdk.Duration_Minutes(jsii.Number(59))},
			"invalid MessageRetention of 3540 seconds: expected 3600 to 315360000 seconds"},
		{"message history", &ChatApiProps{Auth: OpenAuth(), MessageHistory: jsii.Number(100_001)}, "invalid MessageHistory 100001: expected a whole number from 1 to 100000"},
		{"notification retention", &ChatApiProps{Auth: OpenAuth(), NotificationRetention: awscdk.Duration_Days(jsii.Number(3651))},
			"invalid NotificationRetention of 315446400 seconds: expected 3600 to 315360000 seconds"},
		{"inbox limit", &ChatApiProps{Auth: OpenAuth(), InboxLimit: jsii.Number(0.5)}, "invalid InboxLimit 0.5: expected a whole number from 1 to 1000"},
		{"two connection tables", &ChatApiProps{
			Auth:            OpenAuth(),
			ConnectionTable: NewConnectionTable(other, jsii.String("Another"), nil),
			Broadcast: NewBroadcastFunction(other, jsii.String("Unused"), &BroadcastFunctionProps{
				ConnectionTable: NewConnectionTable(other, jsii.String("Unshared"), nil),
			}),
		}, "pass the same table to both"},
		{"a broadcast that is taken", &ChatApiProps{Auth: OpenAuth(), Broadcast: newBroadcast(other, BroadcastFunctionProps{})},
			`Broadcast already delivers for the ChatApi "Stack/Chat"`},
		{"an authorizer that is taken", &ChatApiProps{Auth: newTokenChat(newStack(t, nil), nil).auth}, `Auth already guards the ChatApi "Stack/Chat"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { NewChatApi(newStack(t, nil), jsii.String("Chat"), test.props) })
		})
	}
}

func TestChatApiWarnsOfOpenAuth(t *testing.T) {
	stack := newStack(t, nil)
	newChat(stack)
	warnings := assertions.Annotations_FromStack(stack).FindWarning(jsii.String("/Stack/Chat"), assertions.Match_StringLikeRegexp(jsii.String("under any userId")))
	if len(*warnings) != 1 {
		t.Errorf("got %d warnings, want one", len(*warnings))
	}
}
