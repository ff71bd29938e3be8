package roomcastcdk_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
)

// A chat with defaults only: clients need a token that is signed with a secret of
// the stack.
func ExampleChatApi() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Realtime"), nil)

	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Users"), nil),
	})

	awscdk.NewCfnOutput(stack, jsii.String("WebSocketUrl"), &awscdk.CfnOutputProps{Value: chat.Stage.Url()})
	app.Synth(nil)
}

// A chat for the users of an identity provider, here a user pool of Cognito.
func ExampleJwtAuthorizer() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)

	const pool = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example"
	users := roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Users"), &roomcastcdk.JwtAuthorizerProps{
		JwksUrl:  jsii.String(pool + "/.well-known/jwks.json"),
		Issuer:   jsii.String(pool),
		Audience: jsii.Strings("5example1client"),
	})
	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth:   users,
		Limits: &roomcastcdk.ChatLimits{MessageRate: jsii.Number(5)},
	})
}

// A chat whose login function signs the tokens, with a secret that Secrets Manager
// generated.
func ExampleJwtAuthorizer_secret() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	login := roomcastcdk.NewGoFunction(stack, jsii.String("Login"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("lambdas/login"),
	})

	users := roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Users"), nil)
	users.GrantSignTokens(login.Function)
	login.AddEnvironment(jsii.String("SECRET_ARN"), users.Secret.SecretArn())
	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{Auth: users})
}

// An action of your own: frames with the action "shout" go to a function that may
// publish to rooms.
func ExampleChatApi_AddRoute() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.OpenAuth(),
	})

	shout := roomcastcdk.NewGoFunction(stack, jsii.String("Shout"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("lambdas/shout"),
	})
	chat.AddRoute(jsii.String("shout"), shout.Function, nil)
	chat.AddPublisher(shout.Function)
}

// The role of an ECS task, or of any other program, may publish to rooms and
// users. The program gets the environment that publish.FromEnv reads.
func ExampleChatApi_GrantPublish() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.OpenAuth(),
	})

	role := awsiam.NewRole(stack, jsii.String("TaskRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
	chat.GrantPublish(role)
	environment := chat.PublishEnvironment() // of the task's container
	_ = environment
}

// A function of this app publishes to a ChatApi that another app defines.
func ExampleChatApi_import() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Jobs"), nil)
	chat := roomcastcdk.ChatApi_FromAttributes(stack, jsii.String("Chat"), &roomcastcdk.ChatApiAttributes{
		ApiId:           jsii.String("abc123"),
		ConnectionTable: roomcastcdk.ConnectionTable_FromTableName(stack, jsii.String("Connections"), jsii.String("chat-connections")),
		MessageTable:    roomcastcdk.MessageTable_FromTableName(stack, jsii.String("Messages"), jsii.String("chat-messages")),
		BroadcastQueue:  awssqs.Queue_FromQueueArn(stack, jsii.String("Jobs"), jsii.String("arn:aws:sqs:eu-west-1:123456789012:chat-jobs.fifo")),
	})

	report := roomcastcdk.NewGoFunction(stack, jsii.String("Report"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("./lambdas/report"),
	})
	chat.AddPublisher(report.Function)
}

// A chat whose clients prove who they are by a session cookie. The function
// behind the authorizer answers with the context that authorize.Context makes.
func ExampleAuthFromRouteAuthorizer() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	session := roomcastcdk.NewGoFunction(stack, jsii.String("Session"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("./lambdas/session"),
	})

	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.AuthFromRouteAuthorizer(awsapigatewayv2authorizers.NewWebSocketLambdaAuthorizer(
			jsii.String("Sessions"), session.Function, &awsapigatewayv2authorizers.WebSocketLambdaAuthorizerProps{
				IdentitySource: jsii.Strings("route.request.header.Cookie"),
			})),
	})
}

// A function that is compiled in the app's own module during synthesis.
func ExampleGoFunction() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)

	roomcastcdk.NewGoFunction(stack, jsii.String("Shout"), &roomcastcdk.GoFunctionProps{
		Entry:       jsii.String("lambdas/shout"),
		Environment: &map[string]*string{"VOLUME": jsii.String("11")},
		Timeout:     awscdk.Duration_Seconds(jsii.Number(5)),
	})
}

// A table that exists already.
func ExampleMessageTable() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)

	messages := roomcastcdk.MessageTable_FromTableName(stack, jsii.String("Messages"), jsii.String("chat-messages"))
	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth:         roomcastcdk.OpenAuth(),
		MessageTable: messages,
	})
}

// A function that may look up who is in a room.
func ExampleConnectionTable() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	report := roomcastcdk.NewGoFunction(stack, jsii.String("Report"), &roomcastcdk.GoFunctionProps{
		Entry:        jsii.String("lambdas/report"),
		Architecture: awslambda.Architecture_X86_64(),
	})

	connections := roomcastcdk.NewConnectionTable(stack, jsii.String("Connections"), nil)
	connections.GrantReadData(report.Function)
	report.AddEnvironment(jsii.String("CONNECTIONS"), connections.Table.TableName())
}

// Functions with more memory and longer logs than by default. One of them has even
// more memory, and the lines that Lambda logs about invocations.
func ExampleFunctionDefaults() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)
	defaults := &roomcastcdk.FunctionDefaults{
		MemorySize:   jsii.Number(512),
		LogRetention: awslogs.RetentionDays_THREE_MONTHS,
	}

	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Users"), &roomcastcdk.JwtAuthorizerProps{
			FunctionDefaults: defaults,
		}),
		FunctionDefaults: defaults,
		FunctionOverrides: map[string]*roomcastcdk.FunctionDefaults{
			"messages":  {MemorySize: jsii.Number(1024), SystemLogLevel: awslambda.SystemLogLevel_INFO},
			"broadcast": {ReservedConcurrentExecutions: jsii.Number(2)},
		},
	})
}

// Broadcasts with more time, in a Region with a quarter of the usual quota of
// requests.
func ExampleBroadcastFunction() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)

	connections := roomcastcdk.NewConnectionTable(stack, jsii.String("Connections"), nil)
	broadcast := roomcastcdk.NewBroadcastFunction(stack, jsii.String("Broadcast"), &roomcastcdk.BroadcastFunctionProps{
		ConnectionTable: connections,
		Timeout:         awscdk.Duration_Minutes(jsii.Number(2)),
		PostsInFlight:   jsii.Number(8),
	})
	roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth:      roomcastcdk.OpenAuth(),
		Broadcast: broadcast,
	})
}

// A dead-letter queue for a queue of your own, whose alarm notifies a topic.
func ExampleDlq() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Realtime"), nil)

	failed := roomcastcdk.NewDlq(stack, jsii.String("Failed"), nil)
	awssqs.NewQueue(stack, jsii.String("Orders"), &awssqs.QueueProps{
		DeadLetterQueue: failed.AsDeadLetterQueue(jsii.Number(3)),
	})
	topic := awssns.NewTopic(stack, jsii.String("OnCall"), nil)
	failed.Alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
}
