package stacks

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
)

// RealtimeStackProps configures a RealtimeStack.
type RealtimeStackProps struct {
	awscdk.StackProps

	// Chat configures the WebSocket API: limits, retention, the stage, encryption,
	// memory and logs of the functions, and everything else that
	// [roomcastcdk.ChatApiProps] has. Unless Chat sets them, Auth comes from Tokens,
	// and the tables come from ConnectionTable and MessageTable. EncryptionKey also
	// encrypts the tables. FunctionDefaults, LogRetention and Code also apply to the
	// authorizer's function, unless Tokens sets them.
	//
	// Broadcast, and a JwtAuthorizer as Auth, cannot be set: they must belong to the
	// stack of the ChatApi, which does not exist yet. Use Tokens for the latter.
	// Default: the defaults of [roomcastcdk.ChatApiProps].
	Chat *roomcastcdk.ChatApiProps

	// Tokens configures the tokens that clients connect with. It cannot be combined
	// with Chat.Auth.
	// Default: tokens are signed with a new secret, whose ARN is the output
	// AuthSecretArn.
	Tokens *roomcastcdk.JwtAuthorizerProps

	// ConnectionTable configures the table of connections. It cannot be combined with
	// Chat.ConnectionTable.
	// Default: a new table, with the RemovalPolicy below.
	ConnectionTable *roomcastcdk.ConnectionTableProps

	// MessageTable configures the table of messages and inboxes. It cannot be combined
	// with Chat.MessageTable.
	// Default: a new table, with the RemovalPolicy and PointInTimeRecovery below.
	MessageTable *roomcastcdk.MessageTableProps

	// RemovalPolicy says what happens to new tables when the stack is deleted or a
	// table is replaced. The RemovalPolicy of ConnectionTable or MessageTable takes
	// precedence.
	// Default: DESTROY, so that a trial stack leaves nothing behind. It deletes all
	// messages: set RETAIN in production. A MessageTable in a stack of your own is
	// retained by default.
	RemovalPolicy awscdk.RemovalPolicy

	// PointInTimeRecovery makes it possible to restore a new message table as it was
	// at any second of the last 35 days. DynamoDB charges for it by the size of the
	// table. The PointInTimeRecovery of MessageTable takes precedence.
	// Default: off.
	PointInTimeRecovery *bool
}

// RealtimeStack is a complete realtime backend: the WebSocket API with its
// functions, the tables, the queue of broadcasts with its dead-letter queue, and
// the queue of cursor moves. It has the outputs of [roomcastcdk.ChatApi.AddOutputs].
type RealtimeStack struct {
	awscdk.Stack

	// Chat is the WebSocket API. Its fields are the resources that it uses.
	Chat *roomcastcdk.ChatApi
	// Authorizer checks the tokens; nil with a Chat.Auth.
	Authorizer *roomcastcdk.JwtAuthorizer
}

var _ awscdk.Stack = (*RealtimeStack)(nil)

// NewRealtimeStack defines the stack. props may be nil. It panics if a prop is
// invalid or if props contradict each other.
func NewRealtimeStack(scope constructs.Construct, id *string, props *RealtimeStackProps) *RealtimeStack {
	if scope == nil || id == nil || *id == "" {
		panic(errors.New("stacks: NewRealtimeStack: the scope or the id is missing: pass the app and a name for the stack, such as jsii.String(\"RealtimeStack\")"))
	}
	p := props.withDefaults()
	p.mustBeValid(*id)

	s := &RealtimeStack{}
	awscdk.NewStack_Override(s, scope, id, &p.StackProps)
	chat := *p.Chat
	if chat.ConnectionTable == nil {
		chat.ConnectionTable = roomcastcdk.NewConnectionTable(s, jsii.String("Connections"), p.connectionTable())
	}
	if chat.MessageTable == nil {
		chat.MessageTable = roomcastcdk.NewMessageTable(s, jsii.String("Messages"), p.messageTable())
	}
	if chat.Auth == nil {
		s.Authorizer = roomcastcdk.NewJwtAuthorizer(s, jsii.String("Auth"), p.tokens())
		chat.Auth = s.Authorizer
	}
	s.Chat = roomcastcdk.NewChatApi(s, jsii.String("Chat"), &chat)
	s.Chat.AddOutputs()
	return s
}

// GrantPublish permits a principal to publish to rooms and users. For a Lambda
// function, Chat.AddPublisher also sets the environment. See
// [roomcastcdk.ChatApi.GrantPublish].
func (s *RealtimeStack) GrantPublish(grantee awsiam.IGrantable) awsiam.Grant {
	return s.Chat.GrantPublish(grantee)
}

func (p *RealtimeStackProps) withDefaults() RealtimeStackProps {
	var d RealtimeStackProps
	if p != nil {
		d = *p
	}
	if d.Chat == nil {
		d.Chat = &roomcastcdk.ChatApiProps{}
	}
	return d
}

// mustBeValid refuses props that contradict each other. The constructs judge the
// values.
func (p RealtimeStackProps) mustBeValid(id string) {
	jwt, _ := p.Chat.Auth.(*roomcastcdk.JwtAuthorizer)
	connections := p.Chat.ConnectionTable != nil || p.ConnectionTable != nil && p.ConnectionTable.Table != nil
	messages := p.Chat.MessageTable != nil || p.MessageTable != nil && p.MessageTable.Table != nil
	for _, wrong := range []struct {
		is   bool
		what string
	}{
		{p.Chat.Auth != nil && p.Tokens != nil, "Tokens has no effect with Chat.Auth: set one of them"},
		{jwt != nil, "Chat.Auth is a JwtAuthorizer, which must belong to the stack of the ChatApi, which does not exist yet: leave it out and set Tokens, or define a ChatApi in a stack of your own"},
		{p.Chat.ConnectionTable != nil && p.ConnectionTable != nil, "ConnectionTable has no effect with Chat.ConnectionTable: set one of them"},
		{p.Chat.MessageTable != nil && p.MessageTable != nil, "MessageTable has no effect with Chat.MessageTable: set one of them"},
		{messages && p.PointInTimeRecovery != nil, "PointInTimeRecovery has no effect on an existing message table: set it where the table is defined"},
		{connections && messages && p.RemovalPolicy != "", "RemovalPolicy has no effect on existing tables: set it where the tables are defined"},
		{p.Chat.Broadcast != nil, "Chat.Broadcast must belong to the stack of the ChatApi, which does not exist yet: leave it out and set Chat.BroadcastConcurrency or Chat.FunctionOverrides, or define a ChatApi in a stack of your own"},
	} {
		if wrong.is {
			panic(fmt.Errorf("stacks: NewRealtimeStack %q: %s", id, wrong.what))
		}
	}
}

// tokens returns the props of the authorizer. What they leave out is as Chat
// says, except for a function of the app's own.
func (p RealtimeStackProps) tokens() *roomcastcdk.JwtAuthorizerProps {
	var t roomcastcdk.JwtAuthorizerProps
	if p.Tokens != nil {
		t = *p.Tokens
	}
	if t.Function != nil {
		return &t
	}
	defaults := p.Chat.FunctionDefaults.Over(&roomcastcdk.FunctionDefaults{LogRetention: p.Chat.LogRetention})
	t.FunctionDefaults = t.FunctionDefaults.Over(defaults)
	if t.Code == nil {
		t.Code = p.Chat.Code
	}
	return &t
}

// removalPolicy is that of new tables.
func (p RealtimeStackProps) removalPolicy() awscdk.RemovalPolicy {
	return cmp.Or(p.RemovalPolicy, awscdk.RemovalPolicy_DESTROY)
}

func (p RealtimeStackProps) connectionTable() *roomcastcdk.ConnectionTableProps {
	var t roomcastcdk.ConnectionTableProps
	if p.ConnectionTable != nil {
		t = *p.ConnectionTable
	}
	if t.Table == nil {
		t.RemovalPolicy = cmp.Or(t.RemovalPolicy, p.removalPolicy())
		t.EncryptionKey = cmp.Or(t.EncryptionKey, p.Chat.EncryptionKey)
	}
	return &t
}

func (p RealtimeStackProps) messageTable() *roomcastcdk.MessageTableProps {
	var t roomcastcdk.MessageTableProps
	if p.MessageTable != nil {
		t = *p.MessageTable
	}
	if t.Table == nil {
		t.RemovalPolicy = cmp.Or(t.RemovalPolicy, p.removalPolicy())
		t.EncryptionKey = cmp.Or(t.EncryptionKey, p.Chat.EncryptionKey)
		t.PointInTimeRecovery = cmp.Or(t.PointInTimeRecovery, p.PointInTimeRecovery)
	}
	return &t
}
