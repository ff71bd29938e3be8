package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/jsii-runtime-go"
)

// TestAuthFromRouteAuthorizer: the app's own authorizer guards $connect.
// Connections end as its context says, and there is no action refresh.
func TestAuthFromRouteAuthorizer(t *testing.T) {
	stack := newStack(t, nil)
	guard := NewGoFunction(stack, jsii.String("Guard"), &GoFunctionProps{Entry: jsii.String("guard")})
	authorizer := awsapigatewayv2authorizers.NewWebSocketLambdaAuthorizer(jsii.String("Sessions"), guard.Function, &awsapigatewayv2authorizers.WebSocketLambdaAuthorizerProps{
		IdentitySource: jsii.Strings("route.request.header.Cookie"),
	})
	auth := AuthFromRouteAuthorizer(authorizer)
	chat := NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: auth})
	template := templateOf(stack)

	if auth.IsOpen() || chat.Expiry == nil || chat.Functions["authorizer"] != nil {
		t.Errorf("open %v, expiry %v, refresh %v", auth.IsOpen(), chat.Expiry, chat.Functions["authorizer"])
	}
	expectProperty(t, only(t, template, "AWS::ApiGatewayV2::Authorizer"), "IdentitySource", "[route.request.header.Cookie]")
	for _, route := range all(template, "AWS::ApiGatewayV2::Route") {
		p := properties(route)
		if want := map[bool]string{true: "CUSTOM", false: "NONE"}[p["RouteKey"] == "$connect"]; p["AuthorizationType"] != want {
			t.Errorf("the authorization of %v is %v, want %s", p["RouteKey"], p["AuthorizationType"], want)
		}
	}
	expectVariables(t, template, "session", map[string]string{"AUTH": "token"})
}

func TestAuthFromRouteAuthorizerInvalid(t *testing.T) {
	expectPanic(t, "roomcastcdk: AuthFromRouteAuthorizer: the authorizer is missing", func() { AuthFromRouteAuthorizer(nil) })
	iam := AuthFromRouteAuthorizer(awsapigatewayv2authorizers.NewWebSocketIamAuthorizer())
	expectPanic(t, `NewChatApi "Chat": invalid authorization type "AWS_IAM" of the authorizer of Auth: expected CUSTOM`, func() {
		NewChatApi(newStack(t, nil), jsii.String("Chat"), &ChatApiProps{Auth: iam})
	})
}
