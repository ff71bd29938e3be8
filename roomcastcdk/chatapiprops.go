package roomcastcdk

import (
	"maps"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// ChatApiProps configures a ChatApi.
type ChatApiProps struct {
	// Auth says who may connect: a [JwtAuthorizer] of the same stack, an authorizer
	// of your own by [AuthFromRouteAuthorizer], or [OpenAuth]. Except for OpenAuth,
	// it can guard one ChatApi. Required, so that an API is never open by omission.
	Auth Auth

	// ConnectionTable holds who is connected. Each ChatApi needs its own.
	// Default: the table of Broadcast, else a new one.
	ConnectionTable *ConnectionTable

	// MessageTable holds the logs of the rooms and the inboxes of the users. Each
	// ChatApi needs its own.
	// Default: a new table.
	MessageTable *MessageTable

	// Broadcast delivers messages to large rooms, and retries deliveries that
	// failed. It must use the same connection table and belong to the same stack.
	// Each ChatApi needs its own.
	// Default: a new one.
	Broadcast *BroadcastFunction

	// StageName is the last part of the API's URL: 1 to 128 letters, digits,
	// hyphens and underscores. Changing it replaces the stage.
	// Default: "prod".
	StageName *string

	// DirectLimit is the number of members, from 1 to 1000, up to which the
	// sender's function posts a message to a room itself, which is fastest. Larger
	// rooms get messages through the queue of Broadcast.
	// Default: 100.
	DirectLimit *float64

	// ShardSize is how many members share a shard, from 2 to 5000. A room that
	// grows beyond it is split, so that no key of it needs more than a DynamoDB
	// partition serves: 1,000 writes and 3,000 reads a second. 5,000 members are
	// about 1 MB, the most that one query reads.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
	// Default: 500.
	ShardSize *float64

	// BroadcastConcurrency is the MaxConcurrency of a new broadcast function, from
	// 2 to 1000. It cannot be combined with Broadcast.
	// Default: 2.
	BroadcastConcurrency *float64

	// PostsInFlight is the PostsInFlight of a new broadcast function, from 4 to
	// 100. It cannot be combined with Broadcast.
	// Default: 50.
	PostsInFlight *float64

	// MessageRetention is how long a message stays in the log of its room: from 1
	// hour to 10 years, in whole seconds. A client that was offline for longer
	// learns that it missed messages.
	// Default: 7 days.
	MessageRetention awscdk.Duration

	// MessageHistory is how many of the newest messages of a room clients can read,
	// from 1 to 100000, as history or to recover what they missed. It bounds what
	// a reader can cost. Older messages are not deleted.
	// Default: 1000.
	MessageHistory *float64

	// NotificationRetention is how long a notification stays in an inbox until it
	// is acknowledged: from 1 hour to 10 years, in whole seconds.
	// Default: 30 days.
	NotificationRetention awscdk.Duration

	// InboxLimit is how many notifications an inbox keeps, from 1 to 1000;
	// temporarily it may hold a quarter more. When an inbox is full, the oldest
	// notification of the sender that has the most in it is dropped. The user
	// learns how many were dropped.
	// Default: 100.
	InboxLimit *float64

	// Limits bounds what clients may do.
	// Default: the defaults of [ChatLimits].
	Limits *ChatLimits

	// EncryptionKey is a KMS key of yours that encrypts the tables and the queues
	// that the ChatApi makes. The stack must name its Region. KMS charges for the
	// key and for each use, and limits the uses in a second.
	// Default: keys that DynamoDB and SQS own, at no charge.
	EncryptionKey awskms.IKey

	// IpAddressType is IPV4, or DUAL_STACK for IPv4 and IPv6.
	// Default: IPV4.
	IpAddressType awsapigatewayv2.IpAddressType

	// LogRetention is how long the logs of the functions are kept. It cannot be
	// combined with a LogRetention or a LogGroup of FunctionDefaults.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// FunctionDefaults configures all functions: memory, architecture, logs and
	// more.
	// Default: the defaults of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// FunctionOverrides configures single functions by name, over FunctionDefaults.
	// The names are those of [ChatApi.Functions] except "authorizer", and
	// "broadcast", "cursors" and "expiry". The function that checks tokens is
	// configured by its JwtAuthorizer.
	// Default: FunctionDefaults applies to all functions.
	FunctionOverrides map[string]*FunctionDefaults

	// Code is an asset with Roomcast's program, the file bootstrap, built for the
	// architecture of FunctionDefaults. It is for projects that cannot compile it,
	// for example because the source of its modules is missing.
	// Default: the program is compiled from the source of this module.
	Code awslambda.Code
}

func (p *ChatApiProps) withDefaults() ChatApiProps {
	var d ChatApiProps
	if p != nil {
		d = *p
	}
	d.StageName = orDefault(d.StageName, jsii.String("prod"))
	d.DirectLimit = orDefault(d.DirectLimit, jsii.Number(100))
	d.ShardSize = orDefault(d.ShardSize, jsii.Number(500))
	if d.MessageRetention == nil {
		d.MessageRetention = awscdk.Duration_Days(jsii.Number(7))
	}
	d.MessageHistory = orDefault(d.MessageHistory, jsii.Number(1000))
	if d.NotificationRetention == nil {
		d.NotificationRetention = awscdk.Duration_Days(jsii.Number(30))
	}
	d.InboxLimit = orDefault(d.InboxLimit, jsii.Number(100))
	limits := d.Limits.withDefaults()
	d.Limits = &limits
	return d
}

// env returns the values of p as environment variables. Each function gets those
// that its routes need.
func (p ChatApiProps) env() map[string]*string {
	env := p.Limits.env()
	maps.Copy(env, map[string]*string{
		settings.Auth:                  jsii.String(p.authName()),
		settings.DirectLimit:           awscdk.Tokenization_StringifyNumber(p.DirectLimit),
		settings.ShardSize:             awscdk.Tokenization_StringifyNumber(p.ShardSize),
		settings.MessageRetention:      awscdk.Tokenization_StringifyNumber(p.MessageRetention.ToSeconds(nil)),
		settings.MessageHistory:        awscdk.Tokenization_StringifyNumber(p.MessageHistory),
		settings.NotificationRetention: awscdk.Tokenization_StringifyNumber(p.NotificationRetention.ToSeconds(nil)),
		settings.InboxLimit:            awscdk.Tokenization_StringifyNumber(p.InboxLimit),
	})
	return env
}

// authName says whether clients name themselves or prove who they are.
func (p ChatApiProps) authName() string {
	if p.Auth.IsOpen() {
		return "open"
	}
	return "token"
}

var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// retention requires a duration of 1 hour to 10 years.
func (s subject) retention(prop string, value awscdk.Duration) {
	const hour, year = 3600, 365 * 24 * 3600
	s.seconds(prop, value, hour, 10*year)
}

func (p ChatApiProps) mustBeValid(s subject) {
	p.authMustBeValid(s)
	if p.ConnectionTable != nil {
		s.mustBeMade("ConnectionTable", p.ConnectionTable.Table != nil, connectionTables)
	}
	if p.MessageTable != nil {
		s.mustBeMade("MessageTable", p.MessageTable.Table != nil, messageTables)
	}
	if p.Broadcast != nil {
		s.mustBeMade("Broadcast", p.Broadcast.Function != nil, "NewBroadcastFunction")
	}
	p.Limits.mustBeValid(s)
	p.settingsMustBeValid(s)
	s.whole("ShardSize", p.ShardSize, 2, 5000)
	s.concurrency("BroadcastConcurrency", p.BroadcastConcurrency)
	s.whole("PostsInFlight", p.PostsInFlight, 4, 100)
	p.functionsMustBeValid(s)
	s.whole("MessageHistory", p.MessageHistory, 1, 100_000)
	if p.Broadcast == nil {
		return
	}
	if p.ConnectionTable != nil && p.ConnectionTable != p.Broadcast.ConnectionTable {
		s.fail("ConnectionTable is not the one of Broadcast, so a large room would miss its messages: pass the same table to both")
	}
	if p.BroadcastConcurrency != nil {
		s.fail("BroadcastConcurrency has no effect on the Broadcast that was passed: set its MaxConcurrency where it is defined")
	}
	if p.PostsInFlight != nil {
		s.fail("PostsInFlight has no effect on the Broadcast that was passed: set it where that is defined")
	}
	if other := p.Broadcast.api; other != nil {
		s.fail("Broadcast already delivers for the ChatApi %q: give each ChatApi its own", *other.Node().Path())
	}
}

// The constructors of tables, for errors.
const (
	connectionTables = "NewConnectionTable or ConnectionTable_FromTableName"
	messageTables    = "NewMessageTable or MessageTable_FromTableName"
)

// authMustBeValid refuses no Auth, and one that guards another ChatApi.
func (p ChatApiProps) authMustBeValid(s subject) {
	var guarded *ChatApi
	missing := p.Auth == nil
	switch auth := p.Auth.(type) {
	case *JwtAuthorizer:
		if missing = auth == nil; !missing {
			s.mustBeMade("Auth", auth.Function != nil, "NewJwtAuthorizer")
			guarded = auth.api
		}
	case *routeAuth:
		guarded = auth.api
	}
	if missing {
		s.fail("Auth is missing: pass a JwtAuthorizer, or OpenAuth() to let anybody connect during development")
	}
	if guarded != nil {
		s.fail("Auth already guards the ChatApi %q: give each ChatApi its own", *guarded.Node().Path())
	}
}

// settingsMustBeValid checks the props that a publisher needs too.
func (p ChatApiProps) settingsMustBeValid(s subject) {
	if !*awscdk.Token_IsUnresolved(*p.StageName) && !stageName.MatchString(*p.StageName) {
		s.fail("invalid StageName %q: expected 1 to 128 letters, digits, hyphens or underscores", *p.StageName)
	}
	s.whole("DirectLimit", p.DirectLimit, 1, 1000)
	s.retention("MessageRetention", p.MessageRetention)
	s.retention("NotificationRetention", p.NotificationRetention)
	s.whole("InboxLimit", p.InboxLimit, 1, 1000)
}

// mustShareStack refuses parts of another stack that would need the ChatApi and
// be needed by it.
func (p ChatApiProps) mustShareStack(s subject, c *ChatApi) {
	if j, ok := p.Auth.(*JwtAuthorizer); ok {
		c.mustShareStack(s, "Auth", j.Function)
	}
	if p.Broadcast != nil {
		c.mustShareStack(s, "Broadcast", p.Broadcast.Function)
	}
}
