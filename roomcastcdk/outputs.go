package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// output is a stack output of a ChatApi.
type output struct {
	id, description string
	value           *string
}

// AddOutputs adds the stack outputs that clients, operators, the command roomcast
// and package roomcasttest read: WebSocketUrl, CallbackUrl, ConnectionTableName,
// MessageTableName, BroadcastQueueUrl, DeadLetterQueueUrl and, if tokens are
// signed with a secret, AuthSecretArn. With ApiId and BroadcastQueueArn they have
// all that [ChatApi_FromAttributes] needs in another app. AddOutputs panics if the
// stack has one of them already: a second ChatApi with these outputs needs a stack
// of its own.
func (c *ChatApi) AddOutputs() {
	s := subject{"AddOutputs", c.Node().Path()}
	c.mustNotBeSynthesized(s)
	// The outputs of a nested stack are not shown.
	stack := awscdk.Stack_Of(c)
	for stack.NestedStackParent() != nil {
		stack = stack.NestedStackParent()
	}
	for _, o := range c.outputs() {
		if stack.Node().TryFindChild(jsii.String(o.id)) != nil {
			s.fail("the stack %q already has %q: remove that, or define this ChatApi in a stack of its own", *stack.Node().Path(), o.id)
		}
		awscdk.NewCfnOutput(stack, jsii.String(o.id), &awscdk.CfnOutputProps{
			Value:       o.value,
			Description: jsii.String(o.description),
		})
	}
}

func (c *ChatApi) outputs() []output {
	outputs := []output{
		{"WebSocketUrl", "Where clients connect.", c.Stage.Url()},
		{"CallbackUrl", "Where functions post to connections.", c.Stage.CallbackUrl()},
		{"ApiId", "The API, for ChatApi_FromAttributes in another app.", c.Api.ApiId()},
		{"ConnectionTableName", "Who is connected and in which rooms.", c.ConnectionTable.Table.TableName()},
		{"MessageTableName", "The logs of the rooms and the inboxes of the users.", c.MessageTable.Table.TableName()},
		{"BroadcastQueueUrl", "Jobs to deliver to large rooms, and to connections that could not be reached.", c.Broadcast.Queue.QueueUrl()},
		{"BroadcastQueueArn", "The same queue, for ChatApi_FromAttributes in another app.", c.Broadcast.Queue.QueueArn()},
		{"DeadLetterQueueUrl", "Jobs that failed too often: see roomcast redrive.", c.Broadcast.Dlq.Queue.QueueUrl()},
	}
	if c.authorizer != nil && c.authorizer.Secret != nil {
		outputs = append(outputs, output{"AuthSecretArn", "The secret that tokens are signed with: see roomcast token.", c.authorizer.Secret.SecretArn()})
	}
	return outputs
}
