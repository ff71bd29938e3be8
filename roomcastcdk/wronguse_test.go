package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const (
	homeAccount, otherAccount = "111111111111", "222222222222"
	homeRegion, otherRegion   = "eu-west-1", "us-east-1"
)

// stackIn returns a stack of an account and Region, in the app of another stack or in
// a new app.
func stackIn(t *testing.T, account, region string, neighbor awscdk.Stack) awscdk.Stack {
	t.Helper()
	props := &awscdk.StackProps{Env: &awscdk.Environment{Account: &account, Region: &region}}
	if neighbor != nil {
		return awscdk.NewStack(awscdk.App_Of(neighbor), jsii.String("Other"), props)
	}
	return newStackOf(t, nil, props)
}

// Each mistake is refused with what is wrong and what to do, not by jsii or a nil
// pointer.
func TestWrongUse(t *testing.T) {
	const id = "the id is missing: pass one that is unique in its scope"
	number := func() *float64 { return awscdk.Token_AsNumber(awscdk.Fn_Ref(jsii.String("AWS::NoValue"))) }
	open := func(p ChatApiProps) func(awscdk.Stack) {
		return func(stack awscdk.Stack) {
			p.Auth = OpenAuth()
			NewChatApi(stack, jsii.String("X"), &p)
		}
	}
	for _, test := range []struct {
		name, want string
		use        func(stack awscdk.Stack)
	}{
		{"a ChatApi without an id", `NewChatApi "<nil>": ` + id, func(stack awscdk.Stack) { NewChatApi(stack, nil, &ChatApiProps{Auth: OpenAuth()}) }},
		{"a table without a scope", `NewConnectionTable "X": the scope is missing`, func(awscdk.Stack) { NewConnectionTable(nil, jsii.String("X"), nil) }},
		{"a table without an id", `NewMessageTable "": ` + id, func(stack awscdk.Stack) { NewMessageTable(stack, jsii.String(""), nil) }},
		{"a function without an id", `NewGoFunction "<nil>": ` + id, func(stack awscdk.Stack) { NewGoFunction(stack, nil, nil) }},
		{"an authorizer without an id", `NewJwtAuthorizer "<nil>": ` + id, func(stack awscdk.Stack) { NewJwtAuthorizer(stack, nil, nil) }},
		{"a dead-letter queue without an id", `NewDlq "<nil>": ` + id, func(stack awscdk.Stack) { NewDlq(stack, nil, nil) }},
		{"a broadcast function without an id", `NewBroadcastFunction "<nil>": ` + id, func(stack awscdk.Stack) { NewBroadcastFunction(stack, nil, nil) }},

		{"an empty ConnectionTable", `NewChatApi "X": invalid ConnectionTable: it is an empty struct; make it by NewConnectionTable or ConnectionTable_FromTableName`,
			open(ChatApiProps{ConnectionTable: &ConnectionTable{}})},
		{"an empty MessageTable", "invalid MessageTable: it is an empty struct", open(ChatApiProps{MessageTable: &MessageTable{}})},
		{"an empty BroadcastFunction", "invalid Broadcast: it is an empty struct; make it by NewBroadcastFunction", open(ChatApiProps{Broadcast: &BroadcastFunction{}})},
		{"an empty JwtAuthorizer", "invalid Auth: it is an empty struct; make it by NewJwtAuthorizer", func(stack awscdk.Stack) {
			NewChatApi(stack, jsii.String("X"), &ChatApiProps{Auth: &JwtAuthorizer{}})
		}},
		{"a nil JwtAuthorizer", "Auth is missing", func(stack awscdk.Stack) {
			NewChatApi(stack, jsii.String("X"), &ChatApiProps{Auth: (*JwtAuthorizer)(nil)})
		}},
		{"a broadcast function of an empty table", `NewBroadcastFunction "X": invalid ConnectionTable: it is an empty struct`, func(stack awscdk.Stack) {
			NewBroadcastFunction(stack, jsii.String("X"), &BroadcastFunctionProps{ConnectionTable: &ConnectionTable{}})
		}},
		{"one authorizer for two APIs", `NewChatApi "Y": Auth already guards the ChatApi "Stack/X"`, func(stack awscdk.Stack) {
			auth := AuthFromRouteAuthorizer(awsapigatewayv2authorizers.NewWebSocketLambdaAuthorizer(jsii.String("A"), shoutOf(stack), nil))
			NewChatApi(stack, jsii.String("X"), &ChatApiProps{Auth: auth})
			NewChatApi(stack, jsii.String("Y"), &ChatApiProps{Auth: auth})
		}},
		{"no authorizer", "AuthFromRouteAuthorizer: the authorizer is missing", func(awscdk.Stack) { AuthFromRouteAuthorizer(nil) }},

		{"a nil audience", `NewJwtAuthorizer "X": invalid Audience: value 1 is nil`, func(stack awscdk.Stack) {
			NewJwtAuthorizer(stack, jsii.String("X"), &JwtAuthorizerProps{Audience: &[]*string{nil}})
		}},
		{"a list of audiences from a token", "invalid Audience: expected a list that is known during synthesis", func(stack awscdk.Stack) {
			list := awscdk.Fn_Split(jsii.String(","), awscdk.Fn_Ref(jsii.String("AWS::StackName")), nil)
			NewJwtAuthorizer(stack, jsii.String("X"), &JwtAuthorizerProps{Audience: list})
		}},
		{"a nil variable", `NewGoFunction "X": invalid Environment: the value of "A" is nil`, func(stack awscdk.Stack) {
			NewGoFunction(stack, jsii.String("X"), &GoFunctionProps{Entry: jsii.String("x"), Environment: &map[string]*string{"A": nil}})
		}},
		{"a variable without a value", `AddEnvironment "Stack/X": the name or the value is missing`, func(stack awscdk.Stack) {
			NewGoFunction(stack, jsii.String("X"), &GoFunctionProps{Entry: jsii.String("x")}).AddEnvironment(jsii.String("A"), nil)
		}},
		{"days from a token", "invalid MessageRetention: expected Duration_Seconds for a value that is known at deployment only; got days",
			open(ChatApiProps{MessageRetention: awscdk.Duration_Days(number())})},
		{"a fraction of a second", "invalid MessageRetention of 3600.5 seconds: expected whole seconds",
			open(ChatApiProps{MessageRetention: awscdk.Duration_Millis(jsii.Number(3_600_500))})},
		{"a broadcast timeout from a token", "invalid Timeout of the broadcast function: expected a value that is known during synthesis",
			open(ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"broadcast": {Timeout: awscdk.Duration_Seconds(number())}}})},
		{"a function by its route", `invalid FunctionOverrides name "sendMessage": the function "messages" serves that route`,
			open(ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"sendMessage": nil}})},
		{"a function that does not exist", `invalid FunctionOverrides name "connect": expected one of session, messages`,
			open(ChatApiProps{FunctionOverrides: map[string]*FunctionDefaults{"connect": {}}})},
		{"no receive count", `AsDeadLetterQueue "Stack/X": maxReceiveCount is missing`, func(stack awscdk.Stack) {
			NewDlq(stack, jsii.String("X"), nil).AsDeadLetterQueue(nil)
		}},
		{"an invalid receive count", "invalid maxReceiveCount 0", func(stack awscdk.Stack) {
			NewDlq(stack, jsii.String("X"), nil).AsDeadLetterQueue(jsii.Number(0))
		}},
		{"a table with an empty name", "the table is missing: pass its TableName or TableArn", func(stack awscdk.Stack) {
			ConnectionTable_FromTableName(stack, jsii.String("X"), jsii.String(""))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { test.use(stackIn(t, homeAccount, homeRegion, nil)) })
		})
	}
}

// A number of seconds may be known at deployment only.
func TestSecondsFromAToken(t *testing.T) {
	stack := newStack(t, nil)
	parameter := awscdk.NewCfnParameter(stack, jsii.String("Seconds"), &awscdk.CfnParameterProps{Type: jsii.String("Number")})
	NewChatApi(stack, jsii.String("X"), &ChatApiProps{Auth: OpenAuth(), MessageRetention: awscdk.Duration_Seconds(parameter.ValueAsNumber())})
	variables := properties(functionOf(t, templateOf(stack), "messages"))["Environment"].(map[string]any)["Variables"].(map[string]any)
	if got := reference(variables["ROOMCAST_MESSAGE_RETENTION"]); got != "Seconds" {
		t.Errorf("ROOMCAST_MESSAGE_RETENTION is %s, want the parameter", got)
	}
}

// Tables, functions and roles of other accounts and Regions cannot work, and are
// refused before CDK or the first call fails.
func TestElsewhere(t *testing.T) {
	const role = "arn:aws:iam::" + otherAccount + ":role/worker"
	ofTable := func(region, account string) func(awscdk.Stack) {
		return func(stack awscdk.Stack) {
			arn := "arn:aws:dynamodb:" + region + ":" + account + ":table/m"
			NewChatApi(stack, jsii.String("X"), &ChatApiProps{Auth: OpenAuth(),
				MessageTable: MessageTable_FromTableAttributes(stack, jsii.String("T"), &awsdynamodb.TableAttributesV2{TableArn: &arn})})
		}
	}
	publisher := func(account, region string, of func(awscdk.Stack) IChatApi) func(awscdk.Stack) {
		return func(stack awscdk.Stack) { of(stack).AddPublisher(shoutOf(stackIn(t, account, region, stack))) }
	}
	defined := func(stack awscdk.Stack) IChatApi { return newChat(stack) }
	imported := func(stack awscdk.Stack) IChatApi { return importInto(stack, func(*ChatApiAttributes) {}) }
	for _, test := range []struct {
		name, want string
		use        func(stack awscdk.Stack)
	}{
		{"a table of another Region", `MessageTable is in another Region (us-east-1) than the ChatApi (eu-west-1): pass a table of the ChatApi's account and Region`, ofTable(otherRegion, homeAccount)},
		{"a table of another account", "MessageTable is in another account (222222222222) than the ChatApi (111111111111)", ofTable(homeRegion, otherAccount)},
		{"a publisher of another account", `AddPublisher "Stack/Chat": the function "Other/Shout/Function" is deployed to another account`, publisher(otherAccount, homeRegion, defined)},
		{"a publisher of another Region", "is deployed to another Region (us-east-1) than the ChatApi (eu-west-1): define it in a stack", publisher(homeAccount, otherRegion, defined)},
		{"a publisher of another account, for an imported API", "is deployed to another account", publisher(otherAccount, homeRegion, imported)},
		{"a publisher of another Region, for an imported API", "is deployed to another Region", publisher(homeAccount, otherRegion, imported)},
		{"a role of another account", `GrantPublish "Stack/Chat": the grantee is of another account (222222222222) than the ChatApi (111111111111): pass a role of the ChatApi's account`,
			func(stack awscdk.Stack) {
				newChat(stack).GrantPublish(newTaskRole(stackIn(t, otherAccount, homeRegion, stack)))
			}},
		{"a role in a stack of another Region", `GrantPublish "Stack/Chat": the grantee "Other/TaskRole" is deployed to another Region`, func(stack awscdk.Stack) {
			newChat(stack).GrantPublish(newTaskRole(stackIn(t, homeAccount, otherRegion, stack)))
		}},
		{"an imported role of another account", `GrantManageConnections "Stack/Chat": the grantee is of another account`, func(stack awscdk.Stack) {
			newChat(stack).GrantManageConnections(awsiam.Role_FromRoleArn(stack, jsii.String("R"), jsii.String(role), nil))
		}},
		{"an ARN", "has no policy that the permissions could be added to: pass a function, role, user or group", func(stack awscdk.Stack) {
			newChat(stack).GrantPublish(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + homeAccount + ":role/x")))
		}},
		{"a service", "has no policy", func(stack awscdk.Stack) {
			newChat(stack).GrantManageConnections(awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil))
		}},
		{"a whole account", "is of another account", func(stack awscdk.Stack) {
			newChat(stack).GrantPublish(awsiam.NewAccountPrincipal(jsii.String(otherAccount)))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { test.use(stackIn(t, homeAccount, homeRegion, nil)) })
		})
	}
}

// importInto imports a ChatApi of the home account and Region, after change.
func importInto(stack constructs.Construct, change func(*ChatApiAttributes)) IChatApi {
	attrs := &ChatApiAttributes{
		ApiId:           jsii.String("abc123"),
		ConnectionTable: ConnectionTable_FromTableName(stack, jsii.String("C"), jsii.String("c")),
		MessageTable:    MessageTable_FromTableName(stack, jsii.String("M"), jsii.String("m")),
		BroadcastQueue:  importQueue(stack, "jobs.fifo", homeRegion),
	}
	change(attrs)
	return ChatApi_FromAttributes(stack, jsii.String("X"), attrs)
}

func importQueue(stack constructs.Construct, name, region string) awssqs.IQueue {
	return awssqs.Queue_FromQueueArn(stack, jsii.String(name), jsii.String("arn:aws:sqs:"+region+":"+homeAccount+":"+name))
}

func TestImportOfSomethingElse(t *testing.T) {
	for want, change := range map[string]func(stack awscdk.Stack, a *ChatApiAttributes){
		`invalid ApiId "wss://abc.example/prod": expected the first part of the host of the API's URL, such as "abc123"`: func(_ awscdk.Stack, a *ChatApiAttributes) {
			a.ApiId = jsii.String("wss://abc.example/prod")
		},
		"invalid MessageTable: it is an empty struct": func(_ awscdk.Stack, a *ChatApiAttributes) { a.MessageTable = &MessageTable{} },
		"ConnectionTable and MessageTable are the same DynamoDB table": func(stack awscdk.Stack, a *ChatApiAttributes) {
			a.MessageTable = MessageTable_FromTableName(stack, jsii.String("Same"), jsii.String("c"))
		},
		`invalid BroadcastQueue "arn:aws:sqs:eu-west-1:111111111111:jobs": expected a FIFO queue, whose name ends with .fifo`: func(stack awscdk.Stack, a *ChatApiAttributes) {
			a.BroadcastQueue = importQueue(stack, "jobs", homeRegion)
		},
		"BroadcastQueue is in another Region (us-east-1) than the ChatApi (eu-west-1): import the ChatApi into a stack of its own account and Region": func(stack awscdk.Stack, a *ChatApiAttributes) {
			a.BroadcastQueue = importQueue(stack, "far.fifo", otherRegion)
		},
	} {
		stack := stackIn(t, homeAccount, homeRegion, nil)
		expectPanic(t, `ChatApi_FromAttributes "X": `+want, func() { importInto(stack, func(a *ChatApiAttributes) { change(stack, a) }) })
	}
	expectPanic(t, `ChatApi_FromAttributes "<nil>": the id is missing`, func() { ChatApi_FromAttributes(newStack(t, nil), nil, nil) })
}
