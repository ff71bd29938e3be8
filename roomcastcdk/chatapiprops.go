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
	// Auth says who may connect: a [JwtAuthorizer], which can serve one ChatApi
	// of the same stack only, or [OpenAuth]. Required, so that an API that is open
	// to everybody is never made by leaving something out.
	Auth Auth

	// ConnectionTable holds who is connected. It can serve one ChatApi only.
	// Default: the one of Broadcast, or else a new one is created.
	ConnectionTable *ConnectionTable

	// MessageTable holds the rooms' logs and the users' inboxes. It can serve one
	// ChatApi only.
	// Default: a new one is created.
	MessageTable *MessageTable

	// Broadcast delivers to large rooms, and again where a delivery failed. It
	// has to use the same connection table, belong to the same stack, and can
	// serve one ChatApi only.
	// Default: a new one is created.
	Broadcast *BroadcastFunction

	// StageName is the last part of the API's URL: 1 to 128 letters, digits,
	// hyphens and underscores.
	// Default: "prod".
	StageName *string

	// DirectLimit is the number of members, from 1 to 1000, up to which a
	// room's message is posted by the sender's own function, which is fastest;
	// a larger room goes through the queue of Broadcast.
	// Default: 100.
	DirectLimit *float64

	// ShardSize is about how many members share a shard, from 2 to 5000: a room
	// that grows beyond it is split, so that none of its keys takes more than
	// one partition of DynamoDB serves, which is 1,000 writes and 3,000 reads a
	// second. 5,000 members are about the 1 MB that one query reads, and what
	// is read of them for one message is a tenth of that second.
	// Default: 500.
	ShardSize *float64

	// BroadcastConcurrency is the MaxConcurrency of a new broadcast function,
	// from 2 to 1000, and PostsInFlight how many posts each of its batches has
	// under way, from 4 to 100. One that is passed as Broadcast has its own.
	// Default: 2 and 50.
	BroadcastConcurrency *float64
	PostsInFlight        *float64

	// MessageRetention is how long a message stays in the log of its room,
	// from 1 hour to 10 years in whole seconds. A client that was away for
	// longer is told that it cannot be made whole.
	// Default: 7 days.
	MessageRetention awscdk.Duration

	// MessageHistory is how many of a room's newest messages can be recovered
	// or read as history, from 1 to 100000. It bounds what a client that comes
	// back makes the table read; what is older is not deleted by it.
	// Default: 1000.
	MessageHistory *float64

	// NotificationRetention is how long a notification waits in its user's
	// inbox to be acknowledged, from 1 hour to 10 years in whole seconds.
	// Default: 30 days.
	NotificationRetention awscdk.Duration

	// InboxLimit is how many notifications an inbox keeps, from 1 to 1000; for a
	// while it may hold a quarter more. What is above is dropped, the oldest of
	// the sender that has the most in it, and the user is told how many were.
	// Default: 100.
	InboxLimit *float64

	// Limits bounds what clients may do.
	// Default: those of [ChatLimits].
	Limits *ChatLimits

	// EncryptionKey is a key of yours in KMS that encrypts the tables and
	// queues made here. KMS charges for the key and for its use, and limits how
	// often it can be used in a second. The stack has to name its Region.
	// Default: DynamoDB and SQS encrypt with keys of their own, at no charge.
	EncryptionKey awskms.IKey

	// IpAddressType says by which protocols clients reach the API: IPV4 or
	// DUAL_STACK, which is IPv4 and IPv6.
	// Default: IPV4.
	IpAddressType awsapigatewayv2.IpAddressType

	// LogRetention is how long the logs of the functions made here are kept. Not
	// with a LogRetention or a LogGroup in FunctionDefaults.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// FunctionDefaults configures all functions made here: memory, architecture,
	// logs and more.
	// Default: those of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// FunctionOverrides configures single functions made here. What an override
	// leaves out is as FunctionDefaults says. The names are those of
	// [ChatApi.Functions], and "broadcast", "cursors" and "expiry". The function that
	// judges tokens is configured by its JwtAuthorizer.
	// Default: no function differs from the others.
	FunctionOverrides map[string]*FunctionDefaults

	// Code is a folder asset with Roomcast's program, the file bootstrap, for a
	// project that cannot build it, such as one without the source of the
	// modules that it is built from. It has to be built for the architecture of
	// FunctionDefaults.
	// Default: it is compiled from this module's source.
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

// env returns the environment variables that p stands for; each function gets
// those that its routes need.
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

// authName is who decides who a client is: the client itself, or a token.
func (p ChatApiProps) authName() string {
	if p.Auth.IsOpen() {
		return "open"
	}
	return "token"
}

var stageName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// retention demands a time to keep something for, in the whole seconds that
// DynamoDB expires items by.
func (s subject) retention(prop string, value awscdk.Duration) {
	const hour, year = 3600, 365 * 24 * 3600
	s.seconds(prop, value, hour, 10*year)
}

func (p ChatApiProps) mustBeValid(s subject) {
	j, ok := p.Auth.(*JwtAuthorizer)
	if p.Auth == nil || ok && j == nil {
		s.fail("Auth is missing: say who may connect, by a constructs.JwtAuthorizer, or constructs.OpenAuth() for anybody, during development")
	}
	if ok && j.api != nil {
		s.fail("Auth already guards the ChatApi %q: give each ChatApi its own", *j.api.Node().Path())
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

// settingsMustBeValid judges the props that a publisher has to know too.
func (p ChatApiProps) settingsMustBeValid(s subject) {
	if !*awscdk.Token_IsUnresolved(*p.StageName) && !stageName.MatchString(*p.StageName) {
		s.fail("StageName must be 1 to 128 letters, digits, hyphens or underscores, got %q", *p.StageName)
	}
	s.whole("DirectLimit", p.DirectLimit, 1, 1000)
	s.retention("MessageRetention", p.MessageRetention)
	s.retention("NotificationRetention", p.NotificationRetention)
	s.whole("InboxLimit", p.InboxLimit, 1, 1000)
}

// mustShareStack refuses parts of another stack that the ChatApi and they would
// refer to each other.
func (p ChatApiProps) mustShareStack(s subject, c *ChatApi) {
	if j, ok := p.Auth.(*JwtAuthorizer); ok {
		c.mustShareStack(s, "Auth", j.Function)
	}
	if p.Broadcast != nil {
		c.mustShareStack(s, "Broadcast", p.Broadcast.Function)
	}
}
