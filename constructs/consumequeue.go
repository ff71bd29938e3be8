package constructs

import "github.com/aws/jsii-runtime-go"

// consumeQueue are the calls that Lambda demands of a function that is fed
// from a queue.
func consumeQueue() []*string {
	return *jsii.Strings("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
}
