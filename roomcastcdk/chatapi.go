package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// ChatApi is a WebSocket API with rooms, messages, notifications and cursors:
// the API, its stage, its routes, and a few functions that serve them. Each
// function has its own role, which permits just what its routes need.
type ChatApi struct {
	constructs.Construct

	// Api is the WebSocket API. Add routes with AddRoute.
	Api awsapigatewayv2.WebSocketApi
	// Stage is the API's only stage. Clients connect to its Url, and functions
	// post to connections at its CallbackUrl. It deploys automatically.
	Stage awsapigatewayv2.WebSocketStage
	// ConnectionTable holds who is connected and in which rooms.
	ConnectionTable *ConnectionTable
	// MessageTable holds the logs of the rooms and the inboxes of the users.
	MessageTable *MessageTable
	// Broadcast delivers messages to rooms with more members than DirectLimit, and
	// retries deliveries that failed.
	Broadcast *BroadcastFunction
	// Cursors delivers cursor moves to rooms with more members than DirectLimit.
	Cursors *CursorFunction
	// Expiry closes connections whose token has expired; nil with [OpenAuth].
	Expiry *ExpiryFunction
	// Functions are the functions that serve Roomcast's own routes, by name:
	// "session" ($connect and $disconnect), "messages" (sendMessage and notify),
	// "rooms" (join, leave, history, presence and ping), "inbox" (inbox and
	// ackNotification), "ephemeral" (cursorMove and $default), and, with a
	// [JwtAuthorizer], "authorizer" (refresh). See [ChatApi.RouteFunction].
	Functions map[string]awslambda.Function
	// Routes are all routes by route key, including those of AddRoute.
	Routes map[string]awsapigatewayv2.WebSocketRoute

	// ErrorAlarm rises when the functions log ten errors within five minutes, for
	// example because a table throttles and clients get the error unavailable. It
	// has no action: add one with AddAlarmAction.
	ErrorAlarm awscloudwatch.Alarm

	// logs are the log groups of all functions.
	logs []functionLogs
	// access is what a program needs to work for this ChatApi.
	access access
	// ownActions are the actions of AddRoute.
	ownActions []string
	// needed and neededBy are the other stacks that this one refers to and that
	// refer to it, each with the path of one construct that does.
	needed, neededBy map[string]string
	// authorizer checks tokens; nil with another Auth.
	authorizer *JwtAuthorizer
	// synthesized is true when the app was synthesized: nothing can be added then.
	synthesized bool
}

var _ constructs.Construct = (*ChatApi)(nil)

// NewChatApi defines a WebSocket API, with tables and a broadcast function unless
// props name existing ones. Auth is required.
func NewChatApi(scope constructs.Construct, id *string, props *ChatApiProps) *ChatApi {
	s := subject{"NewChatApi", id}
	s.mustBePlaced(scope)
	p := props.withDefaults()
	p.mustBeValid(s)

	c := &ChatApi{
		Functions: map[string]awslambda.Function{},
		Routes:    map[string]awsapigatewayv2.WebSocketRoute{},
		needed:    map[string]string{},
		neededBy:  map[string]string{},
	}
	constructs.NewConstruct_Override(c, scope, id)
	c.Node().AddValidation(&noteSynthesis{c})
	p.mustShareStack(s, c)
	if p.Auth.IsOpen() {
		awscdk.Annotations_Of(c).AddWarningV2(jsii.String("roomcast:openAuth"),
			jsii.String("anybody who knows the URL of this ChatApi can connect under any userId: use open authentication for development only"))
	}
	code := programs(c, p.Code)
	c.addParts(s, p, code)
	c.addApi(p)
	c.access = access{
		api: c, apiId: c.Api.ApiId(), stageName: c.Stage.StageName(), callbackUrl: c.Stage.CallbackUrl(),
		connections: c.ConnectionTable, messages: c.MessageTable,
		jobs: c.Broadcast.Queue, jobsOwner: c.Broadcast,
		env: p.env(),
	}
	c.serveQueues()
	for _, f := range routes.Functions {
		c.addFunction(f, code, p)
	}
	c.mustBeGuarded(s, p.Auth)
	if j, ok := p.Auth.(*JwtAuthorizer); ok {
		c.addRefresh(j)
	}
	if !p.Auth.IsOpen() {
		c.addExpiry(p, code)
	}
	c.addErrorAlarm()
	return c
}

// addParts takes the tables and the broadcast function that were passed and
// makes the others, and the cursor function.
func (c *ChatApi) addParts(s subject, p ChatApiProps, code func(awslambda.Architecture) awslambda.Code) {
	c.ConnectionTable, c.MessageTable, c.Broadcast = p.ConnectionTable, p.MessageTable, p.Broadcast
	if c.ConnectionTable == nil && c.Broadcast != nil {
		c.ConnectionTable = c.Broadcast.ConnectionTable
	}
	if c.ConnectionTable == nil {
		c.ConnectionTable = NewConnectionTable(c, jsii.String("ConnectionTable"), &ConnectionTableProps{EncryptionKey: p.EncryptionKey})
	}
	if c.MessageTable == nil {
		c.MessageTable = NewMessageTable(c, jsii.String("MessageTable"), &MessageTableProps{EncryptionKey: p.EncryptionKey})
	}
	c.mustBeNear(s, "ConnectionTable", c.ConnectionTable.Table.Env())
	c.mustBeNear(s, "MessageTable", c.MessageTable.Table.Env())
	c.claimTable(s, "ConnectionTable", c.ConnectionTable.Table)
	c.claimTable(s, "MessageTable", c.MessageTable.Table)
	c.needs(s, c.ConnectionTable.Table)
	c.needs(s, c.MessageTable.Table)
	if c.Broadcast == nil {
		made := p.functionSettings(routes.Broadcast)
		c.Broadcast = NewBroadcastFunction(c, jsii.String("Broadcast"), &BroadcastFunctionProps{
			ConnectionTable:  c.ConnectionTable,
			MaxConcurrency:   p.BroadcastConcurrency,
			PostsInFlight:    p.PostsInFlight,
			Timeout:          made.Timeout,
			EncryptionKey:    p.EncryptionKey,
			FunctionDefaults: &made,
			Code:             code(made.Architecture),
		})
	}
	made := p.functionSettings(routes.Cursors)
	c.Cursors = newCursorFunction(c, "Cursors", c.ConnectionTable, p.EncryptionKey, code(made.Architecture), made)
	c.logs = append(c.logs, functionLogs{c.Broadcast, c.Broadcast.logs}, functionLogs{c.Cursors, c.Cursors.logs})
}

// addApi makes the API, without a route yet, and its stage.
func (c *ChatApi) addApi(p ChatApiProps) {
	c.Api = awsapigatewayv2.NewWebSocketApi(c, jsii.String("Api"), &awsapigatewayv2.WebSocketApiProps{
		// A label for people: it need not be unique, but a console full of
		// APIs that are all called "Api" helps nobody.
		ApiName:                  awscdk.Names_UniqueResourceName(c, &awscdk.UniqueResourceNameOptions{Separator: jsii.String("-"), MaxLength: jsii.Number(128)}),
		RouteSelectionExpression: jsii.String("$request.body.action"),
		IpAddressType:            p.IpAddressType,
	})
	c.Stage = awsapigatewayv2.NewWebSocketStage(c, jsii.String("Stage"), &awsapigatewayv2.WebSocketStageProps{
		WebSocketApi: c.Api,
		StageName:    p.StageName,
		AutoDeploy:   jsii.Bool(true),
		Throttle:     p.Limits.throttle(),
	})
	exempt(c.Stage, exemption{rule: "AwsSolutions-APIG1", reason: "Access logs need a CloudWatch role of the whole account, " +
		"without which the stack would not deploy: set them on the Stage where there is one. The functions log what matters."})
}

// addRefresh serves the action refresh by the function that judges tokens.
func (c *ChatApi) addRefresh(j *JwtAuthorizer) {
	c.authorizer = j
	c.grantCalls(j.Function, routes.AccessOf(routes.Authorizer))
	c.Functions[routes.Authorizer] = j.Function
	c.serve(j.Function, routes.Authorizer, nil)
	if j.logs != nil {
		c.logs = append(c.logs, functionLogs{j, j.logs})
	}
}

// addExpiry closes the connections that have reached their end.
func (c *ChatApi) addExpiry(p ChatApiProps, code func(awslambda.Architecture) awslambda.Code) {
	made := p.functionSettings(routes.Expiry)
	c.Expiry = newExpiryFunction(c, "Expiry", code(made.Architecture), made)
	c.grantCalls(c.Expiry.Function, routes.AccessOf(routes.Expiry))
	c.logs = append(c.logs, functionLogs{c.Expiry, c.Expiry.logs})
}
