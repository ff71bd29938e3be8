package roomcastcdk

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// IChatApi is a ChatApi that this app defines, or one that exists and was
// imported by [ChatApi_FromAttributes].
type IChatApi interface {
	constructs.IConstruct

	// GrantPublish permits a principal to publish to rooms and users.
	GrantPublish(grantee awsiam.IGrantable) awsiam.Grant
	// PublishEnvironment is the environment of a program that publishes.
	PublishEnvironment() *map[string]*string
	// AddPublisher lets a Lambda function publish: the permissions and the
	// environment.
	AddPublisher(fn awslambda.Function) awsiam.Grant
	// GrantManageConnections permits a principal to post to connections.
	GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant
}

// ChatApiAttributes describes a ChatApi that exists, in the account and Region of
// the stack that imports it. [ChatApi.AddOutputs] outputs what it takes: ApiId,
// ConnectionTableName, MessageTableName and BroadcastQueueArn.
type ChatApiAttributes struct {
	// ApiId is the id of the WebSocket API: the first part of the host of its URL,
	// such as "abc123" in wss://abc123.execute-api.eu-west-1.amazonaws.com/prod. It is
	// the output ApiId. Required.
	ApiId *string

	// StageName is the last part of that URL.
	// Default: "prod".
	StageName *string

	// ConnectionTable and MessageTable are its tables, for example by
	// ConnectionTable_FromTableName and MessageTable_FromTableName. Required.
	ConnectionTable *ConnectionTable
	MessageTable    *MessageTable

	// BroadcastQueue is the FIFO queue of its jobs, for example by CDK's
	// Queue_FromQueueArn with the output BroadcastQueueArn. A queue with a KMS key of
	// yours has to be imported with it. Required.
	BroadcastQueue awssqs.IQueue

	// DirectLimit, MessageRetention, NotificationRetention and InboxLimit must be
	// the props that the ChatApi was defined with. Otherwise what this app publishes
	// is kept for a different time, or delivered differently, than what clients send.
	// Default: the defaults of [ChatApiProps].
	DirectLimit           *float64
	MessageRetention      awscdk.Duration
	NotificationRetention awscdk.Duration
	InboxLimit            *float64
}

// importedChatApi is a ChatApi that exists.
type importedChatApi struct {
	constructs.Construct
	access access
}

var (
	_ IChatApi = (*ChatApi)(nil)
	_ IChatApi = (*importedChatApi)(nil)
)

// ChatApi_FromAttributes imports a ChatApi that exists, so that programs of this
// app can publish to its rooms and users. It panics if an attribute is missing or
// invalid. Routes can only be added where the ChatApi is defined. Within one app
// nothing needs to be imported: pass the ChatApi itself to other stacks.
func ChatApi_FromAttributes(scope constructs.Construct, id *string, attrs *ChatApiAttributes) IChatApi {
	s := subject{"ChatApi_FromAttributes", id}
	s.mustBePlaced(scope)
	var a ChatApiAttributes
	if attrs != nil {
		a = *attrs
	}
	props := ChatApiProps{
		Auth: OpenAuth(), StageName: a.StageName, DirectLimit: a.DirectLimit, InboxLimit: a.InboxLimit,
		MessageRetention: a.MessageRetention, NotificationRetention: a.NotificationRetention,
	}
	p := props.withDefaults()
	a.mustBeComplete(s)
	a.mustBeValid(s, scope)
	p.settingsMustBeValid(s)

	c := &importedChatApi{}
	constructs.NewConstruct_Override(c, scope, id)
	c.access = access{
		api: c, apiId: a.ApiId, stageName: p.StageName, callbackUrl: callbackUrl(c, *a.ApiId, *p.StageName),
		connections: a.ConnectionTable, messages: a.MessageTable,
		jobs: a.BroadcastQueue, jobsOwner: a.BroadcastQueue,
		env: p.env(),
	}
	return c
}

func (a ChatApiAttributes) mustBeComplete(s subject) {
	for _, required := range []struct {
		missing    bool
		prop, want string
	}{
		{a.ApiId == nil || *a.ApiId == "", "ApiId", "name the first part of the host of the API's URL, the output ApiId"},
		{a.ConnectionTable == nil, "ConnectionTable", "import it by ConnectionTable_FromTableName"},
		{a.MessageTable == nil, "MessageTable", "import it by MessageTable_FromTableName"},
		{a.BroadcastQueue == nil, "BroadcastQueue", "import it by awssqs.Queue_FromQueueArn, with the output BroadcastQueueArn"},
	} {
		if required.missing {
			s.fail("%s is missing: %s", required.prop, required.want)
		}
	}
}

// apiID matches the id of an API.
var apiID = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// mustBeValid refuses attributes that no ChatApi of the importing stack's account and
// Region has.
func (a ChatApiAttributes) mustBeValid(s subject, scope constructs.Construct) {
	if !*awscdk.Token_IsUnresolved(*a.ApiId) && !apiID.MatchString(*a.ApiId) {
		s.fail("invalid ApiId %q: expected the first part of the host of the API's URL, such as \"abc123\"; it is the output ApiId", *a.ApiId)
	}
	s.mustBeMade("ConnectionTable", a.ConnectionTable.Table != nil, connectionTables)
	s.mustBeMade("MessageTable", a.MessageTable.Table != nil, messageTables)
	if tableIdentity(a.ConnectionTable.Table) == tableIdentity(a.MessageTable.Table) {
		s.fail("ConnectionTable and MessageTable are the same DynamoDB table: pass the tables of the outputs ConnectionTableName and MessageTableName")
	}
	arn := *a.BroadcastQueue.QueueArn()
	if !*awscdk.Token_IsUnresolved(arn) && !*a.BroadcastQueue.Fifo() {
		s.fail("invalid BroadcastQueue %q: expected a FIFO queue, whose name ends with .fifo; it is the output BroadcastQueueArn", arn)
	}
	for _, part := range []struct {
		prop  string
		there *interfaces.ResourceEnvironment
	}{
		{"ConnectionTable", a.ConnectionTable.Table.Env()}, {"MessageTable", a.MessageTable.Table.Env()}, {"BroadcastQueue", a.BroadcastQueue.Env()},
	} {
		if difference := elsewhere(scope, part.there); difference != "" {
			s.fail("%s is in another %s: import the ChatApi into a stack of its own account and Region", part.prop, difference)
		}
	}
}

// callbackUrl is where programs post to connections of an API.
func callbackUrl(scope constructs.Construct, apiId, stage string) *string {
	stack := awscdk.Stack_Of(scope)
	return jsii.String("https://" + apiId + ".execute-api." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + stage)
}

// GrantPublish permits a principal to publish to rooms and users.
func (c *importedChatApi) GrantPublish(grantee awsiam.IGrantable) awsiam.Grant {
	subject{"GrantPublish", c.Node().Path()}.mustHaveGrantee(c, grantee)
	return c.access.grant(grantee, routes.Publish)
}

// PublishEnvironment is the environment of a program that publishes.
func (c *importedChatApi) PublishEnvironment() *map[string]*string {
	return c.access.publishEnvironment()
}

// AddPublisher lets a Lambda function publish.
func (c *importedChatApi) AddPublisher(fn awslambda.Function) awsiam.Grant {
	s := subject{"AddPublisher", c.Node().Path()}
	s.mustHaveFunction(fn)
	s.mustPublishFor(c, fn)
	s.claimPublisher(c, fn)
	return c.access.addTo(fn, routes.Publish)
}

// GrantManageConnections permits a principal to post to connections.
func (c *importedChatApi) GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant {
	subject{"GrantManageConnections", c.Node().Path()}.mustHaveGrantee(c, grantee)
	return c.access.grantSockets(grantee, "POST")
}
