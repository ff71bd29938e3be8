package roomcastcdk

import "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"

// Auth says who may connect to a [ChatApi] and how they prove who they are: a
// [JwtAuthorizer], or [OpenAuth] for anybody.
type Auth interface {
	// IsOpen reports whether anybody may connect, under any name.
	IsOpen() bool

	// guard makes what guards the route $connect of the API; nil lets everybody
	// in.
	guard(c *ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer
}

// OpenAuth lets anybody connect and claim any userId. It is meant for
// development: a ChatApi with it carries a warning.
func OpenAuth() Auth { return openAuth{} }

type openAuth struct{}

func (openAuth) IsOpen() bool { return true }

func (openAuth) guard(*ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer { return nil }
