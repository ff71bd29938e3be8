package roomcastcdk

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
)

// Auth says who may connect to a [ChatApi] and how clients prove who they are: a
// [JwtAuthorizer], an authorizer of your own by [AuthFromRouteAuthorizer], or
// [OpenAuth] for anybody.
type Auth interface {
	// IsOpen reports whether anybody may connect under any name.
	IsOpen() bool

	// guard returns the authorizer of the API's route $connect; nil lets everybody
	// in.
	guard(c *ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer
}

// OpenAuth lets anybody connect and claim any userId. It is meant for
// development: a ChatApi with it carries a warning.
func OpenAuth() Auth { return openAuth{} }

type openAuth struct{}

func (openAuth) IsOpen() bool { return true }

func (openAuth) guard(*ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer { return nil }

// AuthFromRouteAuthorizer guards a ChatApi with an authorizer of your own, such
// as CDK's WebSocketLambdaAuthorizer, where clients prove who they are by
// something other than a JSON Web Token: a session cookie, an API key, a signed
// URL. It can serve one ChatApi. It panics if authorizer is nil.
//
// The function behind it is called for each handshake. It allows
// execute-api:Invoke on the event's methodArn and returns a context, each value a
// string. In Go, authorize.Context makes it:
//
//   - userId is the user: 1 to 128 characters.
//   - permissions is the JSON of what the user may do, such as {"rooms":["*"]}.
//   - expiresAt is when the connection expires, in seconds since 1970. From then on
//     frames are refused with token_expired, and within a minute the connection
//     is closed.
//
// A handshake without such a context is refused. An IAM authorizer cannot return
// one, so NewChatApi panics for it.
//
// A ChatApi with an authorizer of your own has no action refresh: a client
// connects again before expiresAt. For tokens prefer a [JwtAuthorizer], whose
// Function may be yours too.
func AuthFromRouteAuthorizer(authorizer awsapigatewayv2.IWebSocketRouteAuthorizer) Auth {
	if authorizer == nil {
		panic(fmt.Errorf("roomcastcdk: AuthFromRouteAuthorizer: the authorizer is missing: pass one, such as a WebSocketLambdaAuthorizer, or use OpenAuth"))
	}
	return &routeAuth{authorizer: authorizer}
}

type routeAuth struct {
	authorizer awsapigatewayv2.IWebSocketRouteAuthorizer
	api        *ChatApi // the ChatApi it guards; nil until there is one
}

func (*routeAuth) IsOpen() bool { return false }

func (a *routeAuth) guard(c *ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer {
	a.api = c
	return a.authorizer
}

// mustBeGuarded refuses an authorizer that cannot say who a client is: its
// context is where the functions read it.
func (c *ChatApi) mustBeGuarded(s subject, auth Auth) {
	route, ok := c.Routes["$connect"].Node().DefaultChild().(awsapigatewayv2.CfnRoute)
	if !ok || auth.IsOpen() {
		return
	}
	if kind := route.AuthorizationType(); kind == nil || *kind != "CUSTOM" {
		got := "NONE"
		if kind != nil {
			got = *kind
		}
		s.fail("invalid authorization type %q of the authorizer of Auth: expected CUSTOM, a Lambda authorizer, whose context says who the client is; use a WebSocketLambdaAuthorizer or a JwtAuthorizer", got)
	}
}
