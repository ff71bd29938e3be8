package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
)

// The names of the functions that serve no route of their own, beside the route
// keys of those that do.
const (
	nameBroadcast  = "broadcast"
	nameCursors    = "cursors"
	nameExpiry     = "expiry"
	nameAuthorizer = "authorizer"
)

// functionNames are the functions that this ChatApi may make.
func (p ChatApiProps) functionNames() []string {
	var names []string
	for _, route := range chatRoutes {
		names = append(names, route.key)
	}
	if p.Broadcast == nil {
		names = append(names, nameBroadcast)
	}
	// Without tokens there is no expiry function, but the props of an app are the
	// same whether it runs with tokens or without.
	return append(names, nameCursors, nameExpiry)
}

// functionsElsewhere says where functions are configured that serve this ChatApi
// and that it does not make.
func (p ChatApiProps) functionsElsewhere() map[string]string {
	const authorizer = "the function that judges tokens is made by the JwtAuthorizer; set FunctionDefaults there"
	elsewhere := map[string]string{refreshing.key: authorizer, nameAuthorizer: authorizer}
	if p.Broadcast != nil {
		elsewhere[nameBroadcast] = "Broadcast was passed; set FunctionDefaults where it is defined"
	}
	return elsewhere
}

// functionSettings returns how the function of a name is made: as its override
// says, or else as FunctionDefaults does.
func (p ChatApiProps) functionSettings(name string) FunctionDefaults {
	base, defaults := foreground(), p.FunctionDefaults
	switch name {
	case nameBroadcast:
		base, defaults = background(broadcastTimeout, 512), defaults.withoutTimeout()
	case nameCursors: // it posts as much as the broadcast function
		base, defaults = background(cursorTimeout, 512), defaults.withoutTimeout()
	case nameExpiry:
		base, defaults = background(expiryTimeout, 256), defaults.withoutTimeout()
	}
	base.LogRetention = p.LogRetention
	return p.FunctionOverrides[name].over(defaults.over(base))
}

// functionsMustBeValid judges the props of all functions, and what they come to.
func (p ChatApiProps) functionsMustBeValid(s subject) {
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults ")
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
		made.mustBeValid(s, "FunctionOverrides "+name+": ")
		if p.Code != nil && *made.Architecture.Name() != architecture {
			s.fail("FunctionOverrides %s: invalid Architecture %q: expected %q like the other functions, since Code holds one program", name, *made.Architecture.Name(), architecture)
		}
	}
	p.functionSettings(nameCursors).mustServe(s, cursorConcurrency)
}

// programs returns Roomcast's program by architecture: given, or else built once
// for each that is asked for.
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
