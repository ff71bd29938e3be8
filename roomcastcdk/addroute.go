package roomcastcdk

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// RouteOptions configures a route that you add.
type RouteOptions struct {
	// ReturnResponse sends the body that the function returns to the client, as a
	// frame.
	// Default: true.
	ReturnResponse *bool
}

// routeKey matches the keys of added routes. A wildcard would get into the
// function's permission and let other routes invoke it.
var routeKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`)

// AddRoute sends frames with an action to a function, whose result is sent back to
// the client. options may be nil.
//
// API Gateway gets the permission to invoke fn, also if fn is imported. Import it
// with SkipPermissions if it has that permission already. AddRoute panics if the
// route exists, or if fn is in another account or Region than the API.
func (c *ChatApi) AddRoute(key *string, fn awslambda.IFunction, options *RouteOptions) awsapigatewayv2.WebSocketRoute {
	s := subject{"AddRoute", key}
	switch {
	case key == nil || !routeKey.MatchString(*key):
		s.fail("invalid route key: expected 1 to 128 letters, digits, dots, hyphens or underscores; " +
			"it is the action that clients send, and keys that begin with $ are API Gateway's own")
	case c.Routes[*key] != nil:
		s.fail("this ChatApi already has that route: choose another action")
	case fn == nil:
		s.fail("the function is missing: pass the one that handles the action")
	}
	c.mustNotBeSynthesized(s)
	c.mustReach(s, fn)
	var o RouteOptions
	if options != nil {
		o = *options
	}
	route := c.addRoute(*key, newIntegration(fn), orDefault(o.ReturnResponse, jsii.Bool(true)), nil)
	c.permitImported(s, route, fn)
	c.listOwnAction(*key)
	return route
}

// maxOwnActions is how many bytes the list of added actions may take: all variables
// of a function together may take 4 KB.
const maxOwnActions = 2 << 10

// listOwnAction passes an action to the function behind $default, which lists
// the actions there are when a client asks for another.
func (c *ChatApi) listOwnAction(key string) {
	list := strings.Join(append(c.ownActions, key), ",")
	if len(list) > maxOwnActions {
		return
	}
	c.ownActions = append(c.ownActions, key)
	c.RouteFunction(jsii.String(routes.Default)).AddEnvironment(jsii.String(settings.OwnActions), jsii.String(list), nil)
}

// newIntegration hands events to a function. Each route that it is bound to gives API
// Gateway a permission to invoke the function.
func newIntegration(fn awslambda.IFunction) awsapigatewayv2.WebSocketRouteIntegration {
	return awsapigatewayv2integrations.NewWebSocketLambdaIntegration(jsii.String("Integration"), fn, nil)
}

func (c *ChatApi) addRoute(key string, integration awsapigatewayv2.WebSocketRouteIntegration, returns *bool, authorizer awsapigatewayv2.IWebSocketRouteAuthorizer) awsapigatewayv2.WebSocketRoute {
	route := c.Api.AddRoute(jsii.String(key), &awsapigatewayv2.WebSocketRouteOptions{
		Integration:    integration,
		Authorizer:     authorizer,
		ReturnResponse: returns,
	})
	if authorizer == nil {
		exempt(route, exemption{rule: "AwsSolutions-APIG4", reason: routeIsOpen(key)})
	}
	c.Routes[key] = route
	return route
}

// routeIsOpen says why a route has no authorizer.
func routeIsOpen(key string) string {
	if key == routes.Connect {
		return "Anybody may connect, which the app asked for by name, for development."
	}
	return "API Gateway authorizes a WebSocket client once, when it connects: no other route can have an authorizer."
}
