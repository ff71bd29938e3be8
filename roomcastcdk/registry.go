package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// registry records what the constructs of an app use, so that a second ChatApi can
// refuse a table or a function that can serve only one.
type registry struct {
	tables    map[string]tableUse     // by tableIdentity
	functions map[string]*functionUse // by the path of the function
}

// tableUse is the ChatApi that uses a table, and the prop that takes it.
type tableUse struct {
	api  *ChatApi
	prop string
}

// functionUse is what a function of the app does for Roomcast's constructs.
type functionUse struct {
	variables map[string]variable   // of its environment
	publishes constructs.IConstruct // the ChatApi that it publishes for
	judges    *JwtAuthorizer        // the authorizer whose tokens it judges
	imported  bool                  // CDK leaves its permissions to us
}

// variable is an environment variable and the path of the construct that set it.
type variable struct{ value, owner string }

// registries holds the registry of each app, by the root of its tree. A
// process that makes many apps keeps them all, as jsii keeps every object.
var registries = map[constructs.IConstruct]*registry{}

// registryOf returns the registry of the app that a construct belongs to.
func registryOf(construct constructs.IConstruct) *registry {
	root := construct.Node().Root()
	r := registries[root]
	if r == nil {
		r = &registry{tables: map[string]tableUse{}, functions: map[string]*functionUse{}}
		registries[root] = r
	}
	return r
}

// useOf returns the record of a function.
func useOf(fn awslambda.IFunction) *functionUse {
	r, path := registryOf(fn), *fn.Node().Path()
	use := r.functions[path]
	if use == nil {
		use = &functionUse{variables: map[string]variable{}}
		r.functions[path] = use
	}
	return use
}

// setVariable sets an environment variable of fn on behalf of owner. CDK would let
// a second construct overwrite it, and the function would work for the wrong one.
func setVariable(owner constructs.IConstruct, fn awslambda.Function, name string, value *string) {
	use := useOf(fn)
	path := *owner.Node().Path()
	if set, ok := use.variables[name]; ok && set.value != *value {
		subject{"the function", fn.Node().Path()}.fail("its variable %s already names what belongs to %q, so it cannot also serve %q: give each its own function",
			name, set.owner, path)
	}
	use.variables[name] = variable{*value, path}
	fn.AddEnvironment(jsii.String(name), value, nil)
}

// claimTable records that c uses a table, and refuses one that is in use. Two
// APIs with one table would each read the other's connections and messages.
func (c *ChatApi) claimTable(s subject, prop string, table awsdynamodb.ITableV2) {
	r, id := registryOf(c), tableIdentity(table)
	use, taken := r.tables[id]
	switch {
	case !taken:
		r.tables[id] = tableUse{c, prop}
	case use.api == c:
		s.fail("%s and %s are the same DynamoDB table, whose items would mix: pass two tables, or leave one out to get a new one", use.prop, prop)
	default:
		s.fail("%s is already the %s of the ChatApi %q, and messages would be accepted without being delivered: "+
			"give each ChatApi its own, or leave it out to get a new one", prop, use.prop, *use.api.Node().Path())
	}
}

// tableIdentity is the same text for two constructs that stand for the same
// table: its name, which for a table of the app is a token, and where it is.
func tableIdentity(table awsdynamodb.ITableV2) string {
	name := *table.TableName()
	if *awscdk.Token_IsUnresolved(name) {
		return name
	}
	env := table.Env()
	where := *env.Account + "/" + *env.Region
	if *awscdk.Token_IsUnresolved(where) {
		// Stages are deployed to different places, stacks of one to the same.
		where = *awscdk.Stage_Of(table).Node().Path() + ":" + where
	}
	return name + "@" + where
}
