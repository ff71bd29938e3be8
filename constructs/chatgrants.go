package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// GrantPublish lets a function of yours push to rooms and users with package
// publish: it gets the permissions, and the environment from which
// publish.FromEnv reads where everything is.
func (c *ChatApi) GrantPublish(fn awslambda.Function) {
	c.grantCalls(fn, publishing)
}

// GrantManageConnections lets grantee post to the connections of this API, by
// the PostToConnection call at the stage's callback URL. It does not permit
// closing them or asking about them.
func (c *ChatApi) GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant {
	return c.grantSockets(grantee, "POST")
}

// grantCalls permits fn what route names and tells it where to find each.
func (c *ChatApi) grantCalls(fn awslambda.Function, route chatRoute) {
	if len(route.connections) > 0 {
		c.ConnectionTable.GrantTo(fn, route.connections...)
	}
	if len(route.messages) > 0 {
		c.MessageTable.GrantTo(fn, route.messages...)
	}
	if len(route.sockets) > 0 {
		c.grantSockets(fn, route.sockets...)
		fn.AddEnvironment(jsii.String(settings.CallbackURL), c.Stage.CallbackUrl(), nil)
	}
	if route.broadcasts {
		c.Broadcast.GrantSend(fn)
	}
	if route.cursors {
		c.Cursors.GrantSend(fn)
	}
	for _, variable := range route.told {
		fn.AddEnvironment(jsii.String(variable), c.told[variable], nil)
	}
}

// serveQueues lets the functions behind the queues post to this API's
// connections, and the broadcast function split its rooms.
func (c *ChatApi) serveQueues() {
	c.Broadcast.api = c
	c.grantCalls(c.Broadcast.Function, broadcasting)
	c.grantCalls(c.Cursors.Function, showing)
}

// grantSockets permits HTTP methods on the @connections of this stage.
func (c *ChatApi) grantSockets(grantee awsiam.IGrantable, methods ...string) awsiam.Grant {
	var arns []*string
	for _, method := range methods {
		arns = append(arns, awscdk.Stack_Of(c).FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("execute-api"),
			Resource:     c.Api.ApiId(),
			ResourceName: jsii.String(*c.Stage.StageName() + "/" + method + "/@connections/*"),
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
				reason: "Nobody can name connections before they are there: any of this stage, and by these methods only."})
		}
	}
	return grant
}
