package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
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
// the stack that imports it. The outputs of [ChatApi.AddOutputs] have the URL of the
// API, the names of the tables, and the URL of the queue, which ends with its
// account and name.
type ChatApiAttributes struct {
	// ApiId is the id of the WebSocket API: the first part of the host of its URL,
	// such as "abc123" in wss://abc123.execute-api.eu-west-1.amazonaws.com/prod.
	// Required.
	ApiId *string

	// StageName is the last part of that URL.
	// Default: "prod".
	StageName *string

	// ConnectionTable and MessageTable are its tables, for example by
	// ConnectionTable_FromTableName and MessageTable_FromTableName. Required.
	ConnectionTable *ConnectionTable
	MessageTable    *MessageTable

	// BroadcastQueue is the FIFO queue of its jobs, for example by CDK's
	// Queue_FromQueueArn. A queue with a KMS key of yours has to be imported with
	// it. Required.
	BroadcastQueue awssqs.IQueue

	// DirectLimit, MessageRetention, NotificationRetention and InboxLimit must be
	// the props that the ChatApi was defined with. Otherwise what this app publishes
	// is kept for another time, or delivered in another way, than what clients send.
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
// app can publish to its rooms and users. Routes can be added where it is
// defined only. Within one app nothing needs to be imported: pass the ChatApi
// itself to other stacks.
func ChatApi_FromAttributes(scope constructs.Construct, id *string, attrs *ChatApiAttributes) IChatApi {
	s := subject{"ChatApi_FromAttributes", id}
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
		{a.ApiId == nil || *a.ApiId == "", "ApiId", "name the first part of the host of the API's URL"},
		{a.ConnectionTable == nil, "ConnectionTable", "import it by ConnectionTable_FromTableName"},
		{a.MessageTable == nil, "MessageTable", "import it by MessageTable_FromTableName"},
		{a.BroadcastQueue == nil, "BroadcastQueue", "import it by awssqs.Queue_FromQueueArn"},
	} {
		if required.missing {
			s.fail("%s is missing: %s", required.prop, required.want)
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
	subject{"GrantPublish", c.Node().Path()}.mustHaveGrantee(grantee)
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
	s.claimPublisher(c, fn)
	return c.access.addTo(fn, routes.Publish)
}

// GrantManageConnections permits a principal to post to connections.
func (c *importedChatApi) GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant {
	subject{"GrantManageConnections", c.Node().Path()}.mustHaveGrantee(grantee)
	return c.access.grantSockets(grantee, "POST")
}
