package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newQueue makes a queue that takes requests over TLS only and is encrypted:
// by a key in KMS if there is one, or else by SQS itself, at no charge.
func newQueue(scope constructs.Construct, key awskms.IKey, props awssqs.QueueProps) awssqs.Queue {
	props.EnforceSSL = jsii.Bool(true)
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	if key != nil {
		props.Encryption = awssqs.QueueEncryption_KMS
		props.EncryptionMasterKey = key
	}
	return awssqs.NewQueue(scope, jsii.String("Queue"), &props)
}

// grantSend permits fn to send to a queue.
func grantSend(queue awssqs.Queue, fn awslambda.Function) awsiam.Grant {
	if key := queue.EncryptionMasterKey(); key != nil {
		grantKey(key, fn, "sqs", "kms:GenerateDataKey", "kms:Decrypt")
	}
	return queue.Grant(fn, jsii.String("sqs:SendMessage"))
}

// grantConsume permits fn the calls that Lambda demands of a function that is
// fed from a queue, and further ones that it makes itself.
func grantConsume(queue awssqs.Queue, fn awslambda.Function, further ...string) {
	if key := queue.EncryptionMasterKey(); key != nil {
		grantKey(key, fn, "sqs", "kms:Decrypt")
	}
	actions := append([]string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}, further...)
	queue.Grant(fn, *jsii.Strings(actions...)...)
}
