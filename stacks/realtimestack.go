package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/constructs"
	"github.com/roomcast/roomcast/internal/settings"
)

// RealtimeStackProps configures a RealtimeStack.
type RealtimeStackProps struct {
	awscdk.StackProps

	// Auth says who may connect.
	// Default: anybody, if the app's context has roomcast:auth=open; without
	// it the stack is refused.
	Auth constructs.Auth

	// RemovalPolicy says what becomes of the tables when the stack is deleted.
	// Default: they are deleted with it. This stack is to try Roomcast out;
	// the constructs themselves retain the messages.
	RemovalPolicy awscdk.RemovalPolicy

	// DirectLimit, ShardSize and BroadcastConcurrency are those of the ChatApi.
	// Default: those of [constructs.ChatApiProps].
	DirectLimit          *float64
	ShardSize            *float64
	BroadcastConcurrency *float64
}

// RealtimeStack is a whole realtime backend: the WebSocket API with its
// functions, the tables, the queue of broadcasts with its dead-letter queue,
// and the queue of cursor moves. What a client or another program needs of it are its outputs.
type RealtimeStack struct {
	awscdk.Stack

	// Chat is the WebSocket API. What it uses are its fields.
	Chat *constructs.ChatApi
}

var _ awscdk.Stack = (*RealtimeStack)(nil)

// NewRealtimeStack defines the stack. props may be nil. It panics for an API
// that is open to everybody unless the app's context asks for that.
func NewRealtimeStack(scope awsconstructs.Construct, id *string, props *RealtimeStackProps) *RealtimeStack {
	p := props.withDefaults()
	mustWantOpenAuth(scope, id, p.Auth)

	s := &RealtimeStack{}
	awscdk.NewStack_Override(s, scope, id, &p.StackProps)
	connections := constructs.NewConnectionTable(s, jsii.String("Connections"), &constructs.ConnectionTableProps{
		RemovalPolicy: p.RemovalPolicy,
	})
	messages := constructs.NewMessageTable(s, jsii.String("Messages"), &constructs.MessageTableProps{
		RemovalPolicy: p.RemovalPolicy,
	})
	s.Chat = constructs.NewChatApi(s, jsii.String("Chat"), &constructs.ChatApiProps{
		Auth:                 p.Auth,
		ConnectionTable:      connections,
		MessageTable:         messages,
		DirectLimit:          p.DirectLimit,
		ShardSize:            p.ShardSize,
		BroadcastConcurrency: p.BroadcastConcurrency,
	})
	s.addOutputs()
	return s
}

func (p *RealtimeStackProps) withDefaults() RealtimeStackProps {
	var d RealtimeStackProps
	if p != nil {
		d = *p
	}
	if d.Auth == nil {
		d.Auth = constructs.OpenAuth()
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	}
	return d
}

// mustWantOpenAuth refuses an open API that nobody asked for, before it can be
// deployed by accident.
func mustWantOpenAuth(scope awsconstructs.Construct, id *string, auth constructs.Auth) {
	if auth.IsOpen() && scope.Node().TryGetContext(jsii.String(settings.ContextAuth)) != "open" {
		panic(fmt.Errorf("stacks: NewRealtimeStack %q: without authentication anybody can connect under any userId: "+
			"if that is what you want, for development, set %q to \"open\" in the context of cdk.json, or pass --context %s=open to the CDK command",
			*id, settings.ContextAuth, settings.ContextAuth))
	}
}

// addOutputs names what a client or an operator needs to know of the stack.
func (s *RealtimeStack) addOutputs() {
	for _, output := range []struct {
		id, description string
		value           *string
	}{
		{"WebSocketUrl", "Where clients connect.", s.Chat.Stage.Url()},
		{"CallbackUrl", "Where functions post to connections.", s.Chat.Stage.CallbackUrl()},
		{"ConnectionTableName", "Who is connected and in which rooms.", s.Chat.ConnectionTable.Table.TableName()},
		{"MessageTableName", "The logs of the rooms and the inboxes of the users.", s.Chat.MessageTable.Table.TableName()},
		{"BroadcastQueueUrl", "Jobs to deliver to large rooms, and to connections that could not be reached.", s.Chat.Broadcast.Queue.QueueUrl()},
		{"DeadLetterQueueUrl", "Jobs that failed too often: see roomcast redrive.", s.Chat.Broadcast.DLQ.Queue.QueueUrl()},
	} {
		awscdk.NewCfnOutput(s, jsii.String(output.id), &awscdk.CfnOutputProps{
			Value:       output.value,
			Description: jsii.String(output.description),
		})
	}
}

// GrantPublish lets a function push to rooms and users with package publish.
func (s *RealtimeStack) GrantPublish(fn awslambda.Function) { s.Chat.GrantPublish(fn) }
