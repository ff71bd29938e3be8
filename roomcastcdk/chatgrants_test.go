package roomcastcdk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// TestAddPublisher: a function of the app may do what sendMessage and notify do,
// and has their environment, without the limits of clients.
func TestAddPublisher(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	shout := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")})
	chat.AddPublisher(shout.Function)
	template := templateOf(stack)

	may, env := map[string]bool{}, map[string]bool{}
	for _, one := range allowed(t, template, "messages") {
		may[one] = true
	}
	for name := range properties(functionOf(t, template, "messages"))["Environment"].(map[string]any)["Variables"].(map[string]any) {
		env[name] = true
	}
	maps.DeleteFunc(may, func(one string, _ bool) bool { return strings.HasPrefix(one, "logs:") })
	delete(may, "dynamodb:UpdateItem on ChatConnectionTable")
	for _, limit := range []string{"MESSAGE_RATE", "MESSAGE_BURST", "FRAME_RATE", "MAX_MESSAGE_BYTES", "NOTIFY_USERS"} {
		delete(env, "ROOMCAST_"+limit)
	}
	expectAllowed(t, template, "bootstrap", withLogs(slices.Collect(maps.Keys(may)), "Shout")...)
	expectEnvironment(t, functionOf(t, template, "bootstrap"), slices.Collect(maps.Keys(env))...)
}

func TestGrantManageConnections(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	shout := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")})
	grant := chat.GrantManageConnections(shout.Function)
	if !*grant.Success() {
		t.Error("the grant had no effect")
	}
	expectAllowed(t, templateOf(stack), "bootstrap", withLogs([]string{
		"execute-api:ManageConnections on arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/prod/POST/@connections/*",
	}, "Shout")...)
}

// newTaskRole defines a role as an ECS task has it: a principal that is no
// function.
func newTaskRole(scope constructs.Construct) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String("TaskRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
}

// allowedRole lists what a role of the stack may do.
func allowedRole(t *testing.T, template assertions.Template, policy string) []string {
	t.Helper()
	list := statements(properties(resource(t, template, "AWS::IAM::Policy", policy))["PolicyDocument"])
	slices.Sort(list)
	return list
}

// TestGrantPublishToARole: the role of another program may do what a publishing
// function may, with the key of the tables and the queue.
func TestGrantPublishToARole(t *testing.T) {
	stack := newStackWithRegion(t)
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), EncryptionKey: newKey(stack)})
	grant := chat.GrantPublish(newTaskRole(stack))
	grant.AssertSuccess()
	chat.AddPublisher(shoutOf(stack))
	template := templateOf(stack)

	ofFunction := allowed(t, template, "bootstrap")
	ofFunction = slices.DeleteFunc(ofFunction, func(one string) bool { return strings.HasPrefix(one, "logs:") })
	ofRole := allowedRole(t, template, "TaskRoleDefaultPolicy")
	if !slices.Equal(ofRole, ofFunction) {
		t.Errorf("the role may\n  %s\nwant what the function may\n  %s", strings.Join(ofRole, "\n  "), strings.Join(ofFunction, "\n  "))
	}
	for _, want := range []string{"kms:Decrypt on Key", "kms:GenerateDataKey on Key", "sqs:SendMessage on ChatBroadcastQueue", "dynamodb:PutItem on ChatMessageTable"} {
		if !slices.Contains(ofRole, want) {
			t.Errorf("the role may not %s", want)
		}
	}
}

// TestPublishEnvironment: the value is what AddPublisher sets.
func TestPublishEnvironment(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	shout := shoutOf(stack)
	chat.AddPublisher(shout)
	env := *chat.PublishEnvironment()
	set := properties(functionOf(t, templateOf(stack), "bootstrap"))["Environment"].(map[string]any)["Variables"].(map[string]any)
	if got, want := slices.Sorted(maps.Keys(env)), slices.Sorted(maps.Keys(set)); !slices.Equal(got, want) {
		t.Errorf("the environment is %v, want %v", got, want)
	}
	for name, value := range env {
		if got, want := fmt.Sprint(stack.Resolve(value)), fmt.Sprint(set[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	delete(env, "ROOMCAST_CALLBACK_URL")
	if (*chat.PublishEnvironment())["ROOMCAST_CALLBACK_URL"] == nil {
		t.Error("a caller's change to the map changes the next one")
	}
}

// TestGrantPublishToAnotherStack: the policy goes to the stack of the role, and
// refers to the ChatApi.
func TestGrantPublishToAnotherStack(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	app := awscdk.App_Of(stack)
	jobs := awscdk.NewStack(app, jsii.String("Jobs"), nil)
	chat.GrantPublish(newTaskRole(jobs))
	templateOf(jobs).ResourceCountIs(jsii.String("AWS::IAM::Policy"), jsii.Number(1))

	later := awscdk.NewStack(awscdk.App_Of(newStack(t, nil)), jsii.String("Routes"), nil)
	other := newChat(awscdk.NewStack(awscdk.App_Of(later), jsii.String("Own"), nil))
	other.AddRoute(jsii.String("shout"), shoutOf(later), nil)
	expectPanic(t, `GrantPublish "Own/Chat": the stack "Own" needs "Routes/Shout/Function" of the stack "Routes"`, func() { other.GrantPublish(newTaskRole(later)) })
}

// TestGrantsOfParts: the queues and the secret have grants of the same shape.
func TestGrantsOfParts(t *testing.T) {
	stack := newStackWithRegion(t)
	key := newKey(stack)
	users := NewJwtAuthorizer(stack, jsii.String("Users"), nil)
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: users, EncryptionKey: key})
	role := newTaskRole(stack)
	for name, grant := range map[string]awsiam.Grant{
		"Broadcast": chat.Broadcast.GrantSendMessages(role), "Dlq": chat.Broadcast.Dlq.GrantConsumeMessages(role),
		"secret": users.GrantSignTokens(role),
	} {
		if !*grant.Success() {
			t.Errorf("%s: the grant had no effect", name)
		}
	}
	want := slices.Sorted(slices.Values(slices.Concat(
		on("ChatBroadcastQueue", "sqs:SendMessage"),
		on("ChatBroadcastDLQQueue", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
		on("UsersSecret", "secretsmanager:GetSecretValue"),
		on("Key", "kms:GenerateDataKey", "kms:Decrypt"))))
	got := slices.Compact(allowedRole(t, templateOf(stack), "TaskRoleDefaultPolicy"))
	if !slices.Equal(got, want) {
		t.Errorf("the role may\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}

	expectPanic(t, `GrantPublish "Stack/Chat": the grantee is missing: pass a function, a role or another principal`, func() { chat.GrantPublish(nil) })
	expectPanic(t, `GrantSendMessages "Stack/Chat/Broadcast": the grantee is missing`, func() { chat.Broadcast.GrantSendMessages(nil) })
	expectPanic(t, `GrantConsumeMessages "Stack/Chat/Broadcast/DLQ": the grantee is missing`, func() { chat.Broadcast.Dlq.GrantConsumeMessages(nil) })
	expectPanic(t, `GrantSignTokens "Stack/Users": the grantee is missing`, func() { users.GrantSignTokens(nil) })
	props := keys()
	provider := NewJwtAuthorizer(stack, jsii.String("Provider"), &props)
	expectPanic(t, `GrantSignTokens "Stack/Provider": there is no secret`, func() { provider.GrantSignTokens(role) })
}

// TestMetrics: every metric has the period and the statistic that its doc
// names, and takes options.
func TestMetrics(t *testing.T) {
	stack := newStack(t, nil)
	chat := newTokenChat(stack, nil).chat
	for _, test := range []struct {
		name      string
		metric    func(*awscloudwatch.MetricOptions) awscloudwatch.Metric
		metricOf  string
		statistic string
		seconds   float64
	}{
		{"ChatApi.MetricErrors", chat.MetricErrors, "Errors-", "Sum", 300},
		{"Broadcast.MetricJobAge", chat.Broadcast.MetricJobAge, "ApproximateAgeOfOldestMessage", "Maximum", 60},
		{"Broadcast.MetricFailures", chat.Broadcast.MetricFailures, "DeadLetters-", "Sum", 60},
		{"Dlq.MetricMessages", chat.Broadcast.Dlq.MetricMessages, "ApproximateNumberOfMessagesVisible", "Maximum", 60},
		{"Cursors.MetricErrors", chat.Cursors.MetricErrors, "Errors", "Sum", 300},
		{"Expiry.MetricErrors", chat.Expiry.MetricErrors, "Errors", "Sum", 300},
	} {
		m := test.metric(nil)
		if got := *m.MetricName(); !strings.HasPrefix(got, test.metricOf) || *m.Statistic() != test.statistic || *m.Period().ToSeconds(nil) != test.seconds {
			t.Errorf("%s is %s of %s over %v s", test.name, *m.Statistic(), got, *m.Period().ToSeconds(nil))
		}
		own := test.metric(&awscloudwatch.MetricOptions{Period: awscdk.Duration_Hours(jsii.Number(1)), Statistic: jsii.String("p99")})
		if *own.Statistic() != "p99" || *own.Period().ToSeconds(nil) != 3600 || *own.MetricName() != *m.MetricName() {
			t.Errorf("%s with options is %s of %s over %v s", test.name, *own.Statistic(), *own.MetricName(), *own.Period().ToSeconds(nil))
		}
	}
}

// importChat imports a ChatApi.
func importChat(stack awscdk.Stack) IChatApi {
	return ChatApi_FromAttributes(stack, jsii.String("Existing"), &ChatApiAttributes{
		ApiId:           jsii.String("abc123"),
		ConnectionTable: ConnectionTable_FromTableName(stack, jsii.String("Connections"), jsii.String("connections")),
		MessageTable:    MessageTable_FromTableName(stack, jsii.String("Messages"), jsii.String("messages")),
		BroadcastQueue:  awssqs.Queue_FromQueueArn(stack, jsii.String("Jobs"), jsii.String("arn:aws:sqs:eu-west-1:123456789012:jobs.fifo")),
		InboxLimit:      jsii.Number(7),
	})
}

// TestImportChatApi: an app may publish to a ChatApi that another app defines.
func TestImportChatApi(t *testing.T) {
	stack := newStackWithRegion(t)
	chat := importChat(stack)
	chat.GrantPublish(newTaskRole(stack)).AssertSuccess()
	shout := shoutOf(stack)
	chat.AddPublisher(shout)
	chat.AddPublisher(shout) // the same one again changes nothing
	template := templateOf(stack)

	const table = "arn:AWS::Partition:dynamodb:eu-west-1:AWS::AccountId:table/"
	const socket = "arn:AWS::Partition:execute-api:eu-west-1:AWS::AccountId:abc123/prod/"
	want := slices.Sorted(slices.Values(slices.Concat(
		on(table+"connections", routes.Publish.Connections...),
		on(table+"messages", routes.Publish.Messages...),
		on(socket+"POST/@connections/*", "execute-api:ManageConnections"),
		on(socket+"GET/@connections/*", "execute-api:ManageConnections"),
		on("arn:aws:sqs:eu-west-1:123456789012:jobs.fifo", "sqs:SendMessage"))))
	if got := allowedRole(t, template, "TaskRoleDefaultPolicy"); !slices.Equal(got, want) {
		t.Errorf("the role may\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	expectVariables(t, template, "bootstrap", map[string]string{
		"CONNECTION_TABLE": "connections", "MESSAGE_TABLE": "messages", "DIRECT_LIMIT": "100", "INBOX_LIMIT": "7",
		"MESSAGE_RETENTION": "604800", "NOTIFICATION_RETENTION": "2592000",
	})
	env := *chat.PublishEnvironment()
	if got := reference(stack.Resolve(env["ROOMCAST_CALLBACK_URL"])); got != "https://abc123.execute-api.eu-west-1.AWS::URLSuffix/prod" {
		t.Errorf("the callback URL is %s", got)
	}
	if got := reference(stack.Resolve(env["ROOMCAST_BROADCAST_QUEUE_URL"])); got != "https://sqs.eu-west-1.AWS::URLSuffix/123456789012/jobs.fifo" {
		t.Errorf("the queue's URL is %s", got)
	}
	expectConstruct(t, chat.(constructs.Construct))
}

// TestImportChatApiPosting permits to post and nothing else.
func TestImportChatApiPosting(t *testing.T) {
	stack := newStack(t, nil)
	importChat(stack).GrantManageConnections(newTaskRole(stack)).AssertSuccess()
	want := []string{"execute-api:ManageConnections on arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:abc123/prod/POST/@connections/*"}
	if got := allowedRole(t, templateOf(stack), "TaskRoleDefaultPolicy"); !slices.Equal(got, want) {
		t.Errorf("the role may %v, want %v", got, want)
	}
}

func TestImportChatApiInvalid(t *testing.T) {
	stack := newStack(t, nil)
	whole := ChatApiAttributes{
		ApiId:           jsii.String("abc123"),
		ConnectionTable: ConnectionTable_FromTableName(stack, jsii.String("C"), jsii.String("c")),
		MessageTable:    MessageTable_FromTableName(stack, jsii.String("M"), jsii.String("m")),
		BroadcastQueue:  awssqs.Queue_FromQueueArn(stack, jsii.String("Q"), jsii.String("arn:aws:sqs:eu-west-1:123456789012:q.fifo")),
	}
	for want, change := range map[string]func(a *ChatApiAttributes){
		`ChatApi_FromAttributes "X": ApiId is missing: name the first part of the host`: func(a *ChatApiAttributes) { a.ApiId = nil },
		"ConnectionTable is missing: import it by ConnectionTable_FromTableName":        func(a *ChatApiAttributes) { a.ConnectionTable = nil },
		"MessageTable is missing: import it by MessageTable_FromTableName":              func(a *ChatApiAttributes) { a.MessageTable = nil },
		"BroadcastQueue is missing: import it by awssqs.Queue_FromQueueArn":             func(a *ChatApiAttributes) { a.BroadcastQueue = nil },
		`invalid StageName "a/b"`: func(a *ChatApiAttributes) { a.StageName = jsii.String("a/b") },
		"invalid InboxLimit 0":    func(a *ChatApiAttributes) { a.InboxLimit = jsii.Number(0) },
	} {
		attrs := whole
		change(&attrs)
		expectPanic(t, want, func() { ChatApi_FromAttributes(stack, jsii.String("X"), &attrs) })
	}
	expectPanic(t, "ApiId is missing", func() { ChatApi_FromAttributes(stack, jsii.String("X"), nil) })
	imported := importChat(stack)
	expectPanic(t, `AddPublisher "Stack/Existing": the function is missing`, func() { imported.AddPublisher(nil) })
	expectPanic(t, `GrantPublish "Stack/Existing": the grantee is missing`, func() { imported.GrantPublish(nil) })
	expectPanic(t, `GrantManageConnections "Stack/Existing": the grantee is missing`, func() { imported.GrantManageConnections(nil) })
}
