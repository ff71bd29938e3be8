package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// GrantPublish permits a principal to publish to rooms and users with package
// publish: the role of a function, an ECS task, an EC2 instance or any other
// role. It grants permissions only. The program also needs to know where
// everything is: give it [ChatApi.PublishEnvironment] as environment variables.
// For a Lambda function, [ChatApi.AddPublisher] does both.
//
// The permissions and limits of clients do not apply to the principal.
//
// GrantPublish panics if the principal is of another account or, as a construct of
// this app, of another Region, and if it has no policy, like a service principal.
func (c *ChatApi) GrantPublish(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantPublish", c.Node().Path()}
	s.mustHaveGrantee(c, grantee)
	c.mustNotBeSynthesized(s)
	c.grantedTo(s, grantee)
	return c.access.grant(grantee, routes.Publish)
}

// PublishEnvironment returns the environment variables from which
// publish.FromEnv reads where the tables, the queue and the API are. None of
// them is secret. The map is a new one for each call.
func (c *ChatApi) PublishEnvironment() *map[string]*string {
	return c.access.publishEnvironment()
}

// AddPublisher lets a Lambda function publish with package publish: it grants
// what [ChatApi.GrantPublish] does, and sets [ChatApi.PublishEnvironment] on the
// function. The environment can name one ChatApi, so AddPublisher panics if the
// function already publishes for another, and if it is in another account or Region.
func (c *ChatApi) AddPublisher(fn awslambda.Function) awsiam.Grant {
	s := subject{"AddPublisher", c.Node().Path()}
	s.mustHaveFunction(fn)
	c.mustNotBeSynthesized(s)
	s.mustPublishFor(c, fn)
	s.claimPublisher(c, fn)
	c.isNeededBy(s, fn)
	return c.access.addTo(fn, routes.Publish)
}

// GrantManageConnections permits a principal to post to the connections of this
// API: to call PostToConnection at the stage's callback URL. It does not permit
// closing connections or reading their status. It panics as [ChatApi.GrantPublish]
// does.
func (c *ChatApi) GrantManageConnections(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantManageConnections", c.Node().Path()}
	s.mustHaveGrantee(c, grantee)
	c.mustNotBeSynthesized(s)
	c.grantedTo(s, grantee)
	return c.access.grantSockets(grantee, "POST")
}

// mustHaveFunction refuses to configure no function.
func (s subject) mustHaveFunction(fn awslambda.Function) {
	if fn == nil {
		s.fail("the function is missing: pass the one that calls package publish")
	}
}

// claimPublisher records that fn publishes for api, and refuses a function that
// already publishes for another.
func (s subject) claimPublisher(api constructs.IConstruct, fn awslambda.Function) {
	use := useOf(fn)
	if use.publishes != nil && use.publishes != api {
		s.fail("the function %q already publishes for the ChatApi %q, and its environment can name one only: give each ChatApi its own function",
			*fn.Node().Path(), *use.publishes.Node().Path())
	}
	use.publishes = api
}

// grantedTo records that the policy of a grantee refers to this ChatApi. A
// principal that is not a construct, such as an imported ARN, belongs to no stack.
func (c *ChatApi) grantedTo(s subject, grantee awsiam.IGrantable) {
	construct, ok := grantee.(constructs.IConstruct)
	if !ok {
		return
	}
	if resource, ok := grantee.(awscdk.IResource); ok && *awscdk.Resource_IsOwnedResource(construct) {
		if difference := elsewhere(c, resource.Env()); difference != "" {
			s.fail("the grantee %q is deployed to another %s: define it in a stack of the same account and Region", *construct.Node().Path(), difference)
		}
	}
	c.isNeededBy(s, construct)
}

// grantCalls permits fn what need names, and sets the environment that goes with
// it.
func (c *ChatApi) grantCalls(fn awslambda.Function, need routes.Access) {
	c.access.addTo(fn, need)
	if need.Cursors {
		grantSend(c.Cursors.Queue, fn)
		setVariable(c.Cursors, fn, settings.CursorQueueURL, c.Cursors.Queue.QueueUrl())
	}
}

// serveQueues lets the functions behind the queues post to this API's
// connections, and the broadcast function split its rooms.
func (c *ChatApi) serveQueues() {
	c.Broadcast.api = c
	jobs, moves := routes.AccessOf(routes.Broadcast), routes.AccessOf(routes.Cursors)
	// These they have for any API, from where they are made.
	jobs.Connections, jobs.Broadcasts, moves.Connections = nil, false, nil
	c.grantCalls(c.Broadcast.Function, jobs)
	c.grantCalls(c.Cursors.Function, moves)
}
