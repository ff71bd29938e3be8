package local

import "github.com/roomcast/roomcast/internal/local/iam"

// permission lets somebody call a function.
type permission struct {
	*resource
	properties permissionProperties
}

type permissionProperties struct {
	Action        string
	FunctionName  string
	Principal     string
	SourceAccount string
	SourceArn     string
}

func (p *plan) addPermission(r *resource, values map[string]any) ([]string, error) {
	e := &permission{resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	id := physicalName(r.stack.Name, r.logicalID, 100)
	r.refer(id, "")
	r.attributes["Id"] = id
	p.permissions = append(p.permissions, e)
	return ignored, nil
}

// mayInvoke says whether API Gateway may call the function for a route of a
// stage. A stack can lack the permission and still deploy: then every message
// on the route ends in an error.
func (p *plan) mayInvoke(f *function, a *api, stage, routeKey string) bool {
	return p.mayBeInvoked(f, apiGateway, arn("execute-api", a.id+"/"+stage+"/"+routeKey))
}

// invoker is a service that calls functions.
type invoker struct{ name, principal string }

var (
	apiGateway  = invoker{"API Gateway", "apigateway." + urlSuffix}
	eventBridge = invoker{"EventBridge", "events." + urlSuffix}
)

// mayBeInvoked says whether a service may call the function on behalf of
// source, an ARN of a part of an API or of a rule.
func (p *plan) mayBeInvoked(f *function, by invoker, source string) bool {
	for _, e := range p.permissions {
		if p.functionByName(e.properties.FunctionName) == f && e.allows(by, source) {
			return true
		}
	}
	return false
}

func (e *permission) allows(by invoker, source string) bool {
	given := e.properties
	return (given.Action == "lambda:InvokeFunction" || given.Action == "lambda:*") &&
		(given.Principal == by.principal || given.Principal == "*") &&
		(given.SourceAccount == "" || given.SourceAccount == account) &&
		(given.SourceArn == "" || iam.MatchARN(given.SourceArn, source))
}
