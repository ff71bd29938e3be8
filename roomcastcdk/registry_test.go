package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// What can serve one ChatApi only is refused by a second one, by the name of
// the first and with what to do.
func TestSharedBetweenChatApis(t *testing.T) {
	own := func(stack awscdk.Stack, props ChatApiProps) *ChatApi {
		props.Auth = OpenAuth()
		return NewChatApi(stack, jsii.String("Two"), &props)
	}
	existing := func(scope constructs.Construct, id string) awsdynamodb.ITableV2 {
		return awsdynamodb.TableV2_FromTableName(scope, jsii.String(id), jsii.String("orders"))
	}
	const ofOne = ` is already the ConnectionTable of the ChatApi "Stack/One", and messages would be accepted without being delivered: give each ChatApi its own`
	tests := []struct {
		name, want string
		share      func(stack awscdk.Stack, one *ChatApi)
	}{
		{"the connection table", `NewChatApi "Two": ConnectionTable` + ofOne, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{ConnectionTable: one.ConnectionTable})
		}},
		{"a second construct of the same connection table", "ConnectionTable" + ofOne, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{ConnectionTable: NewConnectionTable(stack, jsii.String("Again"), &ConnectionTableProps{Table: one.ConnectionTable.Table})})
		}},
		{"the connection table of the broadcast function", "ConnectionTable" + ofOne, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{Broadcast: NewBroadcastFunction(stack, jsii.String("B"), &BroadcastFunctionProps{ConnectionTable: one.ConnectionTable})})
		}},
		{"the connection table as message table", "MessageTable" + ofOne, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{MessageTable: NewMessageTable(stack, jsii.String("Again"), &MessageTableProps{Table: one.ConnectionTable.Table})})
		}},
		{"the message table", `MessageTable is already the MessageTable of the ChatApi "Stack/One"`, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{MessageTable: one.MessageTable})
		}},
		{"the message table in another stack", `MessageTable is already the MessageTable of the ChatApi "Stack/One"`, func(stack awscdk.Stack, one *ChatApi) {
			own(awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil), ChatApiProps{MessageTable: one.MessageTable})
		}},
		{"two imports of one table", `ConnectionTable is already the ConnectionTable of the ChatApi "Stack/Two"`, func(stack awscdk.Stack, _ *ChatApi) {
			own(stack, ChatApiProps{ConnectionTable: NewConnectionTable(stack, jsii.String("C"), &ConnectionTableProps{Table: existing(stack, "E")})})
			NewChatApi(stack, jsii.String("Three"), &ChatApiProps{Auth: OpenAuth(),
				ConnectionTable: NewConnectionTable(stack, jsii.String("D"), &ConnectionTableProps{Table: existing(stack, "F")})})
		}},
		{"one table for both props", `NewChatApi "Two": ConnectionTable and MessageTable are the same DynamoDB table`, func(stack awscdk.Stack, _ *ChatApi) {
			table := existing(stack, "E")
			own(stack, ChatApiProps{
				ConnectionTable: NewConnectionTable(stack, jsii.String("C"), &ConnectionTableProps{Table: table}),
				MessageTable:    NewMessageTable(stack, jsii.String("M"), &MessageTableProps{Table: table}),
			})
		}},
		{"the broadcast function", `NewChatApi "Two": Broadcast already delivers for the ChatApi "Stack/One"`, func(stack awscdk.Stack, one *ChatApi) {
			own(stack, ChatApiProps{Broadcast: one.Broadcast})
		}},
		{"a function that publishes", `AddPublisher "Stack/Two": the function "Stack/Shout/Function" already publishes for the ChatApi "Stack/One", and its environment can name one only: give each ChatApi its own function`,
			func(stack awscdk.Stack, one *ChatApi) {
				shout := shoutOf(stack)
				one.AddPublisher(shout)
				one.AddPublisher(shout) // the same one again changes nothing
				own(stack, ChatApiProps{}).AddPublisher(shout)
			}},
		{"a function of Roomcast's that publishes", `the function "Stack/One/Messages/Function": its variable ROOMCAST_CONNECTION_TABLE already names what belongs to "Stack/One/ConnectionTable", so it cannot also serve "Stack/Two/ConnectionTable"`,
			func(stack awscdk.Stack, one *ChatApi) {
				own(stack, ChatApiProps{}).AddPublisher(one.Functions["messages"])
			}},
		{"a function that publishes, by the queue", `its variable ROOMCAST_BROADCAST_QUEUE_URL already names what belongs to "Stack/One/Broadcast"`, func(stack awscdk.Stack, one *ChatApi) {
			shout := shoutOf(stack)
			one.AddPublisher(shout)
			two := own(stack, ChatApiProps{})
			setVariable(two.Broadcast, shout, settings.BroadcastQueueURL, two.Broadcast.Queue.QueueUrl())
		}},
		{"a function that publishes for an imported ChatApi", `AddPublisher "Stack/Two": the function "Stack/Shout/Function" already publishes for the ChatApi "Stack/Existing"`, func(stack awscdk.Stack, _ *ChatApi) {
			shout := shoutOf(stack)
			importChat(stack).AddPublisher(shout)
			own(stack, ChatApiProps{}).AddPublisher(shout)
		}},
		{"a function that checks tokens", `NewJwtAuthorizer "Friends": Function already checks the tokens of the JwtAuthorizer "Stack/Users"`, func(stack awscdk.Stack, _ *ChatApi) {
			judge := shoutOf(stack)
			NewJwtAuthorizer(stack, jsii.String("Users"), &JwtAuthorizerProps{Function: judge})
			NewJwtAuthorizer(stack, jsii.String("Friends"), &JwtAuthorizerProps{Function: judge})
		}},
		{"a function that checks tokens and publishes elsewhere", `already names what belongs to "Stack/One/ConnectionTable"`, func(stack awscdk.Stack, one *ChatApi) {
			judge := shoutOf(stack)
			one.AddPublisher(judge)
			NewChatApi(stack, jsii.String("Two"), &ChatApiProps{Auth: NewJwtAuthorizer(stack, jsii.String("Users"), &JwtAuthorizerProps{Function: judge})})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			one := NewChatApi(stack, jsii.String("One"), &ChatApiProps{Auth: OpenAuth()})
			expectPanic(t, test.want, func() { test.share(stack, one) })
		})
	}
}

// What two ChatApis can share they may share.
func TestShareable(t *testing.T) {
	stack := newStack(t, nil)
	one := newChat(stack)
	users := NewJwtAuthorizer(stack, jsii.String("Users"), nil)
	two := NewChatApi(stack, jsii.String("Two"), &ChatApiProps{Auth: users})
	friends := NewJwtAuthorizer(stack, jsii.String("Friends"), &JwtAuthorizerProps{Secret: users.Secret})
	NewChatApi(stack, jsii.String("Three"), &ChatApiProps{Auth: friends})

	shout := shoutOf(stack)
	for _, chat := range []*ChatApi{one, two} {
		chat.AddRoute(jsii.String("shout"), shout, nil)
		chat.GrantManageConnections(shout)
		chat.GrantPublish(shout) // one principal may publish for many; one environment cannot name them
	}
	template := templateOf(stack)
	permitted := 0
	for _, permission := range all(template, "AWS::Lambda::Permission") {
		if reference(properties(permission)["FunctionName"]) == "ShoutFunction" {
			permitted++
		}
	}
	if permitted != 2 {
		t.Errorf("%d APIs may invoke the function, want 2", permitted)
	}
}

// Stages of a pipeline each have a ChatApi with a table of the same name, in
// accounts that CDK does not know.
func TestOneTableNameInTwoStages(t *testing.T) {
	app := awscdk.App_Of(newStack(t, nil))
	for _, name := range []string{"Beta", "Prod"} {
		stage := awscdk.NewStage(app, jsii.String(name), nil)
		stack := awscdk.NewStack(stage, jsii.String("Chat"), nil)
		table := awsdynamodb.TableV2_FromTableName(stack, jsii.String("Existing"), jsii.String("messages"))
		NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(),
			MessageTable: NewMessageTable(stack, jsii.String("Messages"), &MessageTableProps{Table: table})})
	}
}

func shoutOf(scope constructs.Construct) awslambda.Function {
	return NewGoFunction(scope, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")}).Function
}
