package stacks

import (
	"cmp"
	"fmt"
	"maps"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcastcdk"
)

// RealtimeStackProps configures a RealtimeStack.
type RealtimeStackProps struct {
	awscdk.StackProps

	// Tokens says which tokens let a client in. If the app's context has
	// roomcast:auth=open, none is needed and anybody may connect under any
	// userId: that is for development.
	// Default: those signed with a new secret, whose ARN is the output
	// AuthSecretArn.
	Tokens *roomcastcdk.JwtAuthorizerProps

	// RemovalPolicy says what becomes of the tables when the stack is deleted, or
	// a table is replaced.
	// Default: they are deleted, with every message and inbox. This stack is to
	// try Roomcast out: set RETAIN in production. The constructs themselves retain
	// the messages.
	RemovalPolicy awscdk.RemovalPolicy

	// PointInTimeRecovery keeps the changes of the message table of the last 35
	// days, so that it can be restored.
	// Default: off.
	PointInTimeRecovery *bool

	// EncryptionKey is a key of yours in KMS that encrypts the tables and the
	// queues; the stack has to name its Region then. A new secret is encrypted
	// by Secrets Manager's own key.
	// Default: DynamoDB and SQS encrypt with keys of their own, at no charge.
	EncryptionKey awskms.IKey

	// ConnectionTable and MessageTable configure the tables. What they leave out is
	// as the props above say.
	// Default: new tables.
	ConnectionTable *roomcastcdk.ConnectionTableProps
	MessageTable    *roomcastcdk.MessageTableProps

	// Limits, DirectLimit, ShardSize, BroadcastConcurrency, PostsInFlight,
	// StageName and IpAddressType are those of the ChatApi.
	// Default: those of [roomcastcdk.ChatApiProps].
	Limits               *roomcastcdk.ChatLimits
	DirectLimit          *float64
	ShardSize            *float64
	BroadcastConcurrency *float64
	PostsInFlight        *float64
	StageName            *string
	IpAddressType        awsapigatewayv2.IpAddressType

	// FunctionDefaults configures all functions of the stack, and
	// FunctionOverrides single ones: by the names of [roomcastcdk.ChatApiProps],
	// and "authorizer", the function that judges tokens, unless Tokens names a
	// function of yours.
	// Default: those of [roomcastcdk.FunctionDefaults].
	FunctionDefaults  *roomcastcdk.FunctionDefaults
	FunctionOverrides map[string]*roomcastcdk.FunctionDefaults
}

// RealtimeStack is a whole realtime backend: the WebSocket API with its
// functions, the tables, the queue of broadcasts with its dead-letter queue,
// and the queue of cursor moves. What a client or another program needs of it
// are its outputs.
type RealtimeStack struct {
	awscdk.Stack

	// Chat is the WebSocket API. What it uses are its fields.
	Chat *roomcastcdk.ChatApi
	// Authorizer lets in who has a token; nil if everybody may connect.
	Authorizer *roomcastcdk.JwtAuthorizer
}

var _ awscdk.Stack = (*RealtimeStack)(nil)

// NewRealtimeStack defines the stack. props may be nil. It panics if the app's
// context has a roomcast:auth that is not "open".
func NewRealtimeStack(scope constructs.Construct, id *string, props *RealtimeStackProps) *RealtimeStack {
	p := props.withDefaults()
	open := wantsOpenAuth(scope, id)

	s := &RealtimeStack{}
	awscdk.NewStack_Override(s, scope, id, &p.StackProps)
	auth := roomcastcdk.OpenAuth()
	connections := roomcastcdk.NewConnectionTable(s, jsii.String("Connections"), p.connectionTable())
	messages := roomcastcdk.NewMessageTable(s, jsii.String("Messages"), p.messageTable())
	tokens, overrides := p.tokens(), maps.Clone(p.FunctionOverrides)
	if tokens.Function == nil {
		delete(overrides, authorizer)
	}
	if !open {
		s.Authorizer = roomcastcdk.NewJwtAuthorizer(s, jsii.String("Auth"), &tokens)
		auth = s.Authorizer
	}
	s.Chat = roomcastcdk.NewChatApi(s, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth:                 auth,
		ConnectionTable:      connections,
		MessageTable:         messages,
		EncryptionKey:        p.EncryptionKey,
		StageName:            p.StageName,
		IpAddressType:        p.IpAddressType,
		Limits:               p.Limits,
		DirectLimit:          p.DirectLimit,
		ShardSize:            p.ShardSize,
		BroadcastConcurrency: p.BroadcastConcurrency,
		PostsInFlight:        p.PostsInFlight,
		FunctionDefaults:     p.FunctionDefaults,
		FunctionOverrides:    overrides,
	})
	s.Chat.AddOutputs()
	return s
}

func (p *RealtimeStackProps) withDefaults() RealtimeStackProps {
	var d RealtimeStackProps
	if p != nil {
		d = *p
	}
	if d.RemovalPolicy == "" {
		d.RemovalPolicy = awscdk.RemovalPolicy_DESTROY
	}
	return d
}

// authorizer is the name by which FunctionOverrides configures the function that
// judges tokens.
const authorizer = "authorizer"

// tokens returns how tokens are judged, and by what function.
func (p RealtimeStackProps) tokens() roomcastcdk.JwtAuthorizerProps {
	var tokens roomcastcdk.JwtAuthorizerProps
	if p.Tokens != nil {
		tokens = *p.Tokens
	}
	if tokens.Function == nil {
		defaults := p.FunctionDefaults
		if tokens.FunctionDefaults != nil {
			defaults = tokens.FunctionDefaults.Over(defaults)
		}
		tokens.FunctionDefaults = p.FunctionOverrides[authorizer].Over(defaults)
	}
	return tokens
}

func (p RealtimeStackProps) connectionTable() *roomcastcdk.ConnectionTableProps {
	var t roomcastcdk.ConnectionTableProps
	if p.ConnectionTable != nil {
		t = *p.ConnectionTable
	}
	if t.Table == nil {
		t.RemovalPolicy = cmp.Or(t.RemovalPolicy, p.RemovalPolicy)
		t.EncryptionKey = cmp.Or(t.EncryptionKey, p.EncryptionKey)
	}
	return &t
}

func (p RealtimeStackProps) messageTable() *roomcastcdk.MessageTableProps {
	var t roomcastcdk.MessageTableProps
	if p.MessageTable != nil {
		t = *p.MessageTable
	}
	if t.Table == nil {
		t.RemovalPolicy = cmp.Or(t.RemovalPolicy, p.RemovalPolicy)
		t.EncryptionKey = cmp.Or(t.EncryptionKey, p.EncryptionKey)
		t.PointInTimeRecovery = cmp.Or(t.PointInTimeRecovery, p.PointInTimeRecovery)
	}
	return &t
}

// wantsOpenAuth reports whether the app's context asks for an API that anybody
// may connect to. It has to do so by name: a mistake must not open a stack, nor
// pass for having opened one.
func wantsOpenAuth(scope constructs.Construct, id *string) bool {
	switch value := scope.Node().TryGetContext(jsii.String(settings.ContextAuth)); value {
	case nil:
		return false
	case "open":
		return true
	default:
		panic(fmt.Errorf("stacks: NewRealtimeStack %q: the context value %s must be \"open\", which lets anybody connect under any userId, "+
			"for development, got %#v: leave it out to demand a token", *id, settings.ContextAuth, value))
	}
}

// GrantPublish permits a principal to publish to rooms and users: see
// [roomcastcdk.ChatApi.GrantPublish].
func (s *RealtimeStack) GrantPublish(grantee awsiam.IGrantable) awsiam.Grant {
	return s.Chat.GrantPublish(grantee)
}
