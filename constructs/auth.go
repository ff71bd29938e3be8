package constructs

import "github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"

// Auth says who may connect to a [ChatApi] and how they prove who they are.
// The values are made by this package, such as by [OpenAuth].
type Auth interface {
	// IsOpen reports whether anybody may connect, under any name.
	IsOpen() bool

	// connectAuthorizer guards the route $connect; nil lets everybody in.
	connectAuthorizer() awsapigatewayv2.IWebSocketRouteAuthorizer
}

// OpenAuth lets anybody connect and claim any userId. It is meant for
// development: a ChatApi with it carries a warning.
func OpenAuth() Auth { return openAuth{} }

type openAuth struct{}

func (openAuth) IsOpen() bool { return true }

func (openAuth) connectAuthorizer() awsapigatewayv2.IWebSocketRouteAuthorizer { return nil }
