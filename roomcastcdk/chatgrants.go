package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// GrantPublish lets a function of yours push to rooms and users with package
// publish: it gets the permissions, and the environment from which
// publish.FromEnv reads where everything is. A function can publish for one
// ChatApi only. It panics for a second one.
func (c *ChatApi) GrantPublish(fn awslambda.Function) {
	s := subject{"GrantPublish", c.Node().Path()}
	if fn == nil {
		s.fail("the function is missing: pass the one that calls package publish")
	}
	c.mustNotBeSynthesized(s)
	use := useOf(fn)
	if use.publishes != nil && use.publishes != c {
		s.fail("the function %q already publishes for the ChatApi %q, and its environment can name one only: give each ChatApi a function of its own",
			*fn.Node().Path(), *use.publishes.Node().Path())
	}
	use.publishes = c
	c.isNeededBy(s, fn)
	c.grantCalls(fn, publishing)
}

// GrantManageConnections lets grantee post to the connections of this API, by
// the PostToConnection call at the stage's callback URL. It does not permit
// closing them or asking about them.
func (c *ChatApi) GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantManageConnections", c.Node().Path()}
	if grantee == nil {
		s.fail("the grantee is missing: pass the function or the role that posts to connections")
	}
	c.mustNotBeSynthesized(s)
	if construct, ok := grantee.(constructs.IConstruct); ok {
		c.isNeededBy(s, construct)
	}
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
		setVariable(c, fn, settings.CallbackURL, c.Stage.CallbackUrl())
	}
	if route.broadcasts {
		c.Broadcast.GrantSend(fn)
	}
	if route.cursors {
		c.Cursors.GrantSend(fn)
	}
	for _, variable := range route.told {
		setVariable(c, fn, variable, c.told[variable])
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
