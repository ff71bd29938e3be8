package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Two stacks that need each other are refused, with what to do, before CDK or
// CloudFormation finds a cycle.
func TestStacksThatNeedEachOther(t *testing.T) {
	const cycle = `two stacks cannot need each other; define the function in the stack "Stack"`
	tests := []struct {
		name, want string
		define     func(stack awscdk.Stack, other constructs.Construct)
	}{
		{"a route and then publishing", `AddPublisher "Stack/Chat": the stack "Stack" needs "Other/Shout/Function" of the stack "Other", and "Other/Shout/Function" there needs the ChatApi "Stack/Chat": ` + cycle,
			func(stack awscdk.Stack, other constructs.Construct) {
				chat, shout := newChat(stack), shoutOf(other)
				chat.AddRoute(jsii.String("shout"), shout, nil)
				chat.AddPublisher(shout)
			}},
		{"publishing and then a route", `AddRoute "shout": the stack "Stack" needs`, func(stack awscdk.Stack, other constructs.Construct) {
			chat, shout := newChat(stack), shoutOf(other)
			chat.AddPublisher(shout)
			chat.AddRoute(jsii.String("shout"), shout, nil)
		}},
		{"a route and posting", cycle, func(stack awscdk.Stack, other constructs.Construct) {
			chat, shout := newChat(stack), shoutOf(other)
			chat.AddRoute(jsii.String("shout"), shout, nil)
			chat.GrantManageConnections(shout)
		}},
		{"a route of one function and publishing of another", `needs "Other/Whisper/Function" of the stack "Other", and "Other/Shout/Function" there needs`, func(stack awscdk.Stack, other constructs.Construct) {
			chat, shout := newChat(stack), shoutOf(other)
			whisper := NewGoFunction(other, jsii.String("Whisper"), &GoFunctionProps{Entry: jsii.String("whisper")})
			chat.AddRoute(jsii.String("whisper"), whisper.Function, nil)
			chat.AddPublisher(shout)
		}},
		{"an alias", cycle, func(stack awscdk.Stack, other constructs.Construct) {
			chat, shout := newChat(stack), shoutOf(other)
			chat.AddPublisher(shout)
			chat.AddRoute(jsii.String("shout"), shout.AddAlias(jsii.String("live"), nil), nil)
		}},
		{"a nested stack", cycle, func(stack awscdk.Stack, _ constructs.Construct) {
			chat, shout := newChat(stack), shoutOf(awscdk.NewNestedStack(stack, jsii.String("Nested"), nil))
			chat.AddRoute(jsii.String("shout"), shout, nil)
			chat.AddPublisher(shout)
		}},
		{"a table and publishing", `needs "Other/Connections/Table" of the stack "Other"`, func(stack awscdk.Stack, other constructs.Construct) {
			chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), ConnectionTable: NewConnectionTable(other, jsii.String("Connections"), nil)})
			chat.AddPublisher(shoutOf(other))
		}},
		{"an authorizer", `NewChatApi "Chat": Auth uses "Other/Users/Function" of the stack "Other", and each would need the other: define it in the stack of the ChatApi, "Stack"`,
			func(stack awscdk.Stack, other constructs.Construct) {
				NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: NewJwtAuthorizer(other, jsii.String("Users"), nil)})
			}},
		{"a function that judges tokens", `Auth uses "Other/Shout/Function" of the stack "Other"`, func(stack awscdk.Stack, other constructs.Construct) {
			NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: NewJwtAuthorizer(stack, jsii.String("Users"), &JwtAuthorizerProps{Function: shoutOf(other)})})
		}},
		{"a broadcast function", `Broadcast uses "Other/B/Function" of the stack "Other"`, func(stack awscdk.Stack, other constructs.Construct) {
			b := NewBroadcastFunction(other, jsii.String("B"), &BroadcastFunctionProps{ConnectionTable: NewConnectionTable(other, jsii.String("T"), nil)})
			NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), Broadcast: b})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), nil)
			expectPanic(t, test.want, func() { test.define(stack, other) })
		})
	}
}

// One direction is fine: tables in a stack of their own, routes to functions of
// another stack, and functions of another stack that publish.
func TestOtherStacks(t *testing.T) {
	stack := newStack(t, nil)
	app := awscdk.App_Of(stack)
	data := awscdk.NewStack(app, jsii.String("Data"), nil)
	routes := awscdk.NewStack(app, jsii.String("Routes"), nil)
	jobs := awscdk.NewStack(app, jsii.String("Jobs"), nil)
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{
		Auth:            OpenAuth(),
		ConnectionTable: NewConnectionTable(data, jsii.String("Connections"), nil),
		MessageTable:    NewMessageTable(data, jsii.String("Messages"), nil),
	})
	chat.AddRoute(jsii.String("shout"), shoutOf(routes), nil)
	chat.AddPublisher(shoutOf(jobs))
	app.Synth(nil)
}
