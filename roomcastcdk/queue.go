package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newQueue makes an encrypted queue that takes requests over TLS only. It is
// encrypted with a KMS key if there is one, else by SQS itself at no charge.
func newQueue(scope constructs.Construct, key awskms.IKey, props awssqs.QueueProps) awssqs.Queue {
	props.EnforceSSL = jsii.Bool(true)
	props.Encryption = awssqs.QueueEncryption_SQS_MANAGED
	if key != nil {
		props.Encryption = awssqs.QueueEncryption_KMS
		props.EncryptionMasterKey = key
	}
	return awssqs.NewQueue(scope, jsii.String("Queue"), &props)
}

// grantSend permits a principal to send to a queue.
func grantSend(queue awssqs.IQueue, grantee awsiam.IGrantable) awsiam.Grant {
	return grantQueue(queue, grantee, []string{"kms:GenerateDataKey", "kms:Decrypt"}, "sqs:SendMessage")
}

// grantConsume permits a principal the calls that Lambda requires of a function
// that reads from a queue, and further ones.
func grantConsume(queue awssqs.IQueue, grantee awsiam.IGrantable, further ...string) awsiam.Grant {
	actions := append([]string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}, further...)
	return grantQueue(queue, grantee, []string{"kms:Decrypt"}, actions...)
}

// grantQueue permits calls on a queue, and on its key in KMS if it has one.
func grantQueue(queue awssqs.IQueue, grantee awsiam.IGrantable, keyActions []string, actions ...string) awsiam.Grant {
	key := queue.EncryptionMasterKey()
	if key == nil {
		return queue.Grant(grantee, *jsii.Strings(actions...)...)
	}
	ofKey := grantKey(key, queue, grantee, "sqs", keyActions...)
	return ofKey.Combine(queue.Grant(grantee, *jsii.Strings(actions...)...))
}
