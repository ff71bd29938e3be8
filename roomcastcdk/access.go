package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// access is what a program needs to work for a ChatApi, whether this app
// defines the ChatApi or imports it: permissions, and where everything is.
type access struct {
	api         constructs.Construct // the ChatApi
	apiId       *string
	stageName   *string
	callbackUrl *string

	connections *ConnectionTable
	messages    *MessageTable
	jobs        awssqs.IQueue
	jobsOwner   constructs.IConstruct // what an error names as the owner of the queue

	env map[string]*string // settings, by the name of the variable
}

// ownedVariable is an environment variable and the construct that it names.
type ownedVariable struct {
	name  string
	value *string
	owner constructs.IConstruct
}

// grant permits a principal the calls that need names. It returns nil if there
// are none.
func (a *access) grant(grantee awsiam.IGrantable, need routes.Access) awsiam.Grant {
	var all awsiam.Grant
	add := func(one awsiam.Grant) {
		if all != nil {
			one = all.Combine(one)
		}
		all = one
	}
	if len(need.Connections) > 0 {
		add(grantTable(a.connections.Table, grantee, need.Connections))
	}
	if len(need.Messages) > 0 {
		add(grantTable(a.messages.Table, grantee, need.Messages))
	}
	if len(need.Sockets) > 0 {
		add(a.grantSockets(grantee, need.Sockets...))
	}
	if need.Broadcasts {
		add(grantSend(a.jobs, grantee))
	}
	return all
}

// variables returns the environment of a program that does what need names.
func (a *access) variables(need routes.Access) []ownedVariable {
	var all []ownedVariable
	if len(need.Connections) > 0 {
		all = append(all, ownedVariable{settings.ConnectionTable, a.connections.Table.TableName(), a.connections})
	}
	if len(need.Messages) > 0 {
		all = append(all, ownedVariable{settings.MessageTable, a.messages.Table.TableName(), a.messages})
	}
	if len(need.Sockets) > 0 {
		all = append(all, ownedVariable{settings.CallbackURL, a.callbackUrl, a.api})
	}
	if need.Broadcasts {
		all = append(all, ownedVariable{settings.BroadcastQueueURL, a.jobs.QueueUrl(), a.jobsOwner})
	}
	for _, name := range need.Env {
		all = append(all, ownedVariable{name, a.env[name], a.api})
	}
	return all
}

// addTo grants fn what need names and sets the environment that goes with it.
func (a *access) addTo(fn awslambda.Function, need routes.Access) awsiam.Grant {
	for _, variable := range a.variables(need) {
		setVariable(variable.owner, fn, variable.name, variable.value)
	}
	return a.grant(fn, need)
}

// publishEnvironment returns the environment of a program that publishes.
func (a *access) publishEnvironment() *map[string]*string {
	env := map[string]*string{}
	for _, variable := range a.variables(routes.Publish) {
		env[variable.name] = variable.value
	}
	return &env
}

// grantSockets permits HTTP methods on the @connections of this stage.
func (a *access) grantSockets(grantee awsiam.IGrantable, methods ...string) awsiam.Grant {
	var arns []*string
	for _, method := range methods {
		arns = append(arns, awscdk.Stack_Of(a.api).FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("execute-api"),
			Resource:     a.apiId,
			ResourceName: jsii.String(*a.stageName + "/" + method + "/@connections/*"),
		}))
	}
	grant := awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("execute-api:ManageConnections"),
		ResourceArns: &arns,
	})
	if role, ok := grantee.GrantPrincipal().(awsiam.Role); ok {
		if policy := role.Node().TryFindChild(jsii.String("DefaultPolicy")); policy != nil {
			exempt(policy, exemption{rule: "AwsSolutions-IAM5", findings: `^Resource::.+\/@connections\/\*$`,
				reason: "Connections cannot be named before they exist: any connection of this stage, by these methods only."})
		}
	}
	return grant
}
