package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
)

// NewShoutStack defines a chat whose clients can also shout: the function answers
// the frame, and publishes its text in capitals to the room.
func NewShoutStack(scope constructs.Construct, id *string) awscdk.Stack {
	stack := awscdk.NewStack(scope, id, nil)
	users := roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Users"), nil)
	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: users,
	})

	shout := roomcastcdk.NewGoFunction(stack, jsii.String("Shout"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("lambdas/shout"),
	})
	chat.AddRoute(jsii.String("shout"), shout.Function, nil)
	chat.AddPublisher(shout.Function)

	// The command and the tests read these outputs.
	chat.AddOutputs()
	return stack
}
