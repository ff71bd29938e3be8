package plan

import "github.com/roomcast/roomcast/internal/local/iam"

// permission allows a principal to call a function.
type permission struct {
	*Resource
	properties permissionProperties
}

type permissionProperties struct {
	Action        string
	FunctionName  string
	Principal     string
	SourceAccount string
	SourceArn     string
}

func (p *Plan) addPermission(r *Resource, values map[string]any) ([]string, error) {
	e := &permission{Resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	id := physicalName(r.stack.Name, r.LogicalID, 100)
	r.refer(id, "")
	r.attributes["Id"] = id
	p.permissions = append(p.permissions, e)
	return ignored, nil
}

// MayInvoke reports whether API Gateway may call the function for a route of a
// stage. A stack without the permission can be deployed; then every message on the
// route fails.
func (p *Plan) MayInvoke(f *Function, a *API, stage, routeKey string) bool {
	return p.MayBeInvoked(f, APIGateway, ARN("execute-api", a.ID+"/"+stage+"/"+routeKey))
}

// Service is an AWS service that calls functions.
type Service struct{ Name, Principal string }

// The services that call functions.
var (
	APIGateway  = Service{"API Gateway", "apigateway." + urlSuffix}
	EventBridge = Service{"EventBridge", "events." + urlSuffix}
)

// MayBeInvoked reports whether a service may call the function on behalf of source,
// the ARN of a part of an API or of a rule.
func (p *Plan) MayBeInvoked(f *Function, by Service, source string) bool {
	for _, e := range p.permissions {
		if p.functionByName(e.properties.FunctionName) == f && e.allows(by, source) {
			return true
		}
	}
	return false
}

func (e *permission) allows(by Service, source string) bool {
	given := e.properties
	return (given.Action == "lambda:InvokeFunction" || given.Action == "lambda:*") &&
		(given.Principal == by.Principal || given.Principal == "*") &&
		(given.SourceAccount == "" || given.SourceAccount == Account) &&
		(given.SourceArn == "" || iam.MatchARN(given.SourceArn, source))
}
