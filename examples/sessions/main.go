// Command sessions is a CDK app whose clients connect with a session cookie
// instead of a token: an authorizer of the app's own knows the sessions.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	NewSessionStack(app, jsii.String("SessionStack"))
	app.Synth(nil)
}

// NewSessionStack defines a chat that the function lambdas/session guards.
func NewSessionStack(scope constructs.Construct, id *string) awscdk.Stack {
	stack := awscdk.NewStack(scope, id, nil)
	session := roomcastcdk.NewGoFunction(stack, jsii.String("Session"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("./lambdas/session"),
	})
	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
		Auth: roomcastcdk.AuthFromRouteAuthorizer(awsapigatewayv2authorizers.NewWebSocketLambdaAuthorizer(
			jsii.String("Sessions"), session.Function, &awsapigatewayv2authorizers.WebSocketLambdaAuthorizerProps{
				IdentitySource: jsii.Strings("route.request.header.Cookie"),
			})),
	})
	chat.AddOutputs()
	return stack
}
