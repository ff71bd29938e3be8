package roomcastcdk

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/routes"
)

// addFunction makes a function that serves routes, with the permissions and the
// environment that these need.
func (c *ChatApi) addFunction(f routes.Function, code func(awslambda.Architecture) awslambda.Code, p ChatApiProps) {
	made := p.functionSettings(f.Name)
	scope := constructs.NewConstruct(c, jsii.String(f.ID))
	function, logs := newFunction(scope, functionSpec{
		FunctionDefaults: made,
		code:             code(made.Architecture),
		handler:          f.Name,
	})
	c.Functions[f.Name] = function
	c.logs = append(c.logs, functionLogs{scope, logs})
	c.grantCalls(function, routes.AccessOf(f.Name))
	c.serve(function, f.Name, p.Auth)
}

// serve adds the routes that a function serves. They share an integration, and the
// permission to invoke the function. auth guards $connect.
func (c *ChatApi) serve(fn awslambda.Function, name string, auth Auth) {
	served, integration := routes.Of(name), newIntegration(fn)
	var first awsapigatewayv2.WebSocketRoute
	for _, r := range served {
		var authorizer awsapigatewayv2.IWebSocketRouteAuthorizer
		if r.Key == routes.Connect {
			authorizer = auth.guard(c)
		}
		route := c.addRoute(r.Key, integration, jsii.Bool(r.Returns()), authorizer)
		if first == nil {
			first = route
		} else {
			route.Node().TryRemoveChild(jsii.String(invokePermission))
		}
	}
	if len(served) > 1 {
		c.permitAnyRoute(first)
	}
}

// permitAnyRoute lets any route of this API invoke the function of a route, by the
// permission that the route has. The function refuses those that it does not serve.
func (c *ChatApi) permitAnyRoute(route awsapigatewayv2.WebSocketRoute) {
	permission := route.Node().FindChild(jsii.String(invokePermission)).(awslambda.CfnPermission)
	permission.SetSourceArn(c.Api.ArnForExecuteApiV2(jsii.String("*"), c.Stage.StageName()))
}

// RouteFunction returns the function that serves one of Roomcast's own routes, such
// as "sendMessage" or "$connect". It may serve others too. It panics if there is no
// such route: "refresh" exists only with a [JwtAuthorizer].
func (c *ChatApi) RouteFunction(key *string) awslambda.Function {
	s := subject{"RouteFunction", key}
	if key == nil {
		s.fail("the route key is missing: name one, such as \"sendMessage\"")
	}
	route, _ := routes.ByKey(*key)
	fn := c.Functions[route.Function]
	if fn == nil {
		s.fail("invalid route key: expected one of %s; the function of an added route is the one that was passed to AddRoute", strings.Join(c.servedKeys(), ", "))
	}
	return fn
}

// servedKeys are the keys of Roomcast's own routes that this ChatApi has.
func (c *ChatApi) servedKeys() []string {
	var keys []string
	for _, r := range routes.Routes {
		if c.Functions[r.Function] != nil {
			keys = append(keys, r.Key)
		}
	}
	return keys
}

// functionNames are the functions that this ChatApi may make.
func (p ChatApiProps) functionNames() []string {
	var names []string
	for _, f := range routes.Functions {
		names = append(names, f.Name)
	}
	if p.Broadcast == nil {
		names = append(names, routes.Broadcast)
	}
	// Without tokens there is no expiry function, but the props of an app are the
	// same whether it runs with tokens or without.
	return append(names, routes.Cursors, routes.Expiry)
}

// functionsElsewhere says where to configure functions that this ChatApi does not
// make: those that are passed to it, and its routes.
func (p ChatApiProps) functionsElsewhere() map[string]string {
	const authorizer = "the function that checks tokens is made by the JwtAuthorizer; set FunctionDefaults there"
	elsewhere := map[string]string{}
	for _, r := range routes.Routes {
		if r.Key != r.Function {
			elsewhere[r.Key] = fmt.Sprintf("the function %q serves that route; override it", r.Function)
		}
	}
	elsewhere[protocol.ActionRefresh], elsewhere[routes.Authorizer] = authorizer, authorizer
	if p.Broadcast != nil {
		elsewhere[routes.Broadcast] = "Broadcast was passed; set FunctionDefaults where it is defined"
	}
	return elsewhere
}

// functionSettings returns the settings of a function: those of its override, and
// else those of FunctionDefaults.
func (p ChatApiProps) functionSettings(name string) FunctionDefaults {
	base, defaults := foreground(), p.FunctionDefaults
	switch name {
	case routes.Broadcast:
		base, defaults = background(broadcastTimeout, 512), defaults.withoutTimeout()
	case routes.Cursors: // it posts as much as the broadcast function
		base, defaults = background(cursorTimeout, 512), defaults.withoutTimeout()
	case routes.Expiry:
		base, defaults = background(expiryTimeout, 256), defaults.withoutTimeout()
	}
	base.LogRetention = p.LogRetention
	return p.FunctionOverrides[name].over(defaults.over(base))
}

// functionsMustBeValid refuses invalid props of functions, and settings that are
// invalid together.
func (p ChatApiProps) functionsMustBeValid(s subject) {
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults.")
	if p.LogRetention != "" && p.FunctionDefaults != nil && p.FunctionDefaults.LogGroup != nil {
		s.fail("LogRetention has no effect on the LogGroup of FunctionDefaults: set it where the log group is defined")
	}
	if p.LogRetention != "" && p.FunctionDefaults != nil && p.FunctionDefaults.LogRetention != "" {
		s.fail("LogRetention is set twice: leave it out, or leave it out of FunctionDefaults")
	}
	names := p.functionNames()
	overrides(p.FunctionOverrides).mustBeValid(s, names, p.functionsElsewhere())
	architecture := *p.functionSettings("").Architecture.Name()
	for _, name := range names {
		made := p.functionSettings(name)
		made.mustBeValid(s, "FunctionOverrides["+name+"].")
		if p.Code != nil && *made.Architecture.Name() != architecture {
			s.fail("invalid FunctionOverrides[%s].Architecture %q: expected %q like the other functions, since Code holds one program", name, *made.Architecture.Name(), architecture)
		}
	}
	s.broadcastTimeout(p.functionSettings(routes.Broadcast).Timeout)
	p.functionSettings(routes.Cursors).mustServe(s, cursorConcurrency)
}

// programs returns Roomcast's program by architecture: the given one, or one that is
// built once for each architecture.
func programs(scope constructs.Construct, given awslambda.Code) func(awslambda.Architecture) awslambda.Code {
	built := map[string]awslambda.Code{}
	return func(architecture awslambda.Architecture) awslambda.Code {
		name := *architecture.Name()
		if built[name] == nil {
			built[name] = handlersCode(scope, given, architecture)
		}
		return built[name]
	}
}
