package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Route is a route of an API.
type Route struct {
	*Resource
	id          string
	Properties  RouteProperties
	Integration *Integration // nil: the message is only accepted
	Authorizer  *Authorizer  // nil: none; only $connect can have one
	// TwoWay routes send the function's result to the client.
	TwoWay bool
}

// RouteProperties are the properties of AWS::ApiGatewayV2::Route that run locally.
type RouteProperties struct {
	ApiId                            string
	RouteKey                         string
	Target                           string
	AuthorizationType                string
	AuthorizerId                     string
	RouteResponseSelectionExpression string
}

// Guarded reports whether the route requires an authorizer or IAM.
func (r *Route) Guarded() bool {
	return r.Authorizer != nil || r.Properties.AuthorizationType == "AWS_IAM"
}

func (p *Plan) addRoute(r *Resource, values map[string]any) ([]string, error) {
	e := &Route{Resource: r, id: shortID(7, r.stack.Name, r.LogicalID)}
	ignored, err := decode(values, &e.Properties)
	if err != nil {
		return nil, err
	}
	switch kind := e.Properties.AuthorizationType; {
	case kind == "" || kind == "NONE":
	case kind == "CUSTOM" || kind == "AWS_IAM":
		if key := e.Properties.RouteKey; key != "$connect" {
			return nil, fmt.Errorf("invalid AuthorizationType %s on the route %s: only $connect can have one; remove it", kind, key)
		}
	default:
		return nil, fmt.Errorf("invalid AuthorizationType %q: expected NONE, CUSTOM or AWS_IAM", kind)
	}
	r.refer(e.id, "")
	r.attributes["RouteId"] = e.id
	p.routes = append(p.routes, e)
	return ignored, nil
}

// routeResponse makes a route two-way. AWS also requires the route's own selection
// expression.
type routeResponse struct {
	*Resource
	properties routeResponseProperties
}

type routeResponseProperties struct {
	ApiId            string
	RouteId          string
	RouteResponseKey string
}

func (p *Plan) addRouteResponse(r *Resource, values map[string]any) ([]string, error) {
	e := &routeResponse{Resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	id := shortID(7, r.stack.Name, r.LogicalID)
	r.refer(id, "")
	r.attributes["RouteResponseId"] = id
	p.routeResponses = append(p.routeResponses, e)
	return ignored, nil
}

// link connects what the template connects only by IDs: routes, stages and
// integrations to their APIs, event sources to queue and function, and rules to
// their functions.
func (p *Plan) link() error {
	// A stack that others import from was resolved before its turn.
	slices.SortStableFunc(p.APIs, func(a, b *API) int {
		return slices.Index(p.Stacks, a.stack.top()) - slices.Index(p.Stacks, b.stack.top())
	})
	var broken []error
	for _, i := range p.integrations {
		broken = append(broken, i.link(p))
	}
	for _, z := range p.authorizers {
		broken = append(broken, z.link(p))
	}
	broken = append(broken, p.linkTables()...)
	for _, q := range p.Queues {
		broken = append(broken, q.link(p))
	}
	for _, s := range p.Sources {
		broken = append(broken, s.link(p))
	}
	for _, e := range p.Rules {
		broken = append(broken, e.link(p))
	}
	for _, r := range p.routes {
		broken = append(broken, r.link(p))
	}
	for _, s := range p.Stages {
		a := p.apiByID(s.Properties.ApiId)
		if a == nil {
			broken = append(broken, fmt.Errorf("%s: unknown API %q: expected an API of the app", s, s.Properties.ApiId))
			continue
		}
		a.Stages = append(a.Stages, s)
	}
	p.linkRoles()
	return errors.Join(broken...)
}

func (r *Route) link(p *Plan) error {
	a := p.apiByID(r.Properties.ApiId)
	if a == nil {
		return fmt.Errorf("%s: unknown API %q: expected an API of the app", r, r.Properties.ApiId)
	}
	a.Routes = append(a.Routes, r)
	if err := errors.Join(r.linkTarget(p), r.linkAuthorizer(p)); err != nil {
		return err
	}
	for _, response := range p.routeResponses {
		if response.properties.RouteId == r.id && response.properties.RouteResponseKey == "$default" {
			r.TwoWay = r.Properties.RouteResponseSelectionExpression == "$default"
		}
	}
	if r.TwoWay && r.Integration != nil && r.Integration.properties.IntegrationType == "MOCK" {
		return fmt.Errorf("%s: responses of MOCK integrations do not run locally: answer from a Lambda function, or make the route one-way", r)
	}
	return nil
}

// linkTarget finds the integration that the route names, if any.
func (r *Route) linkTarget(p *Plan) error {
	if r.Properties.Target == "" {
		return nil
	}
	id := strings.TrimPrefix(r.Properties.Target, "integrations/")
	for _, i := range p.integrations {
		if i.id == id {
			r.Integration = i
			return nil
		}
	}
	return fmt.Errorf("%s: invalid Target %q: expected an integration of the app", r, r.Properties.Target)
}

// linkAuthorizer finds the authorizer that the route names, if any.
func (r *Route) linkAuthorizer(p *Plan) error {
	if r.Properties.AuthorizationType != "CUSTOM" {
		return nil
	}
	for _, z := range p.authorizers {
		if z.ID == r.Properties.AuthorizerId {
			r.Authorizer = z
			return nil
		}
	}
	return fmt.Errorf("%s: invalid AuthorizerId %q: expected an authorizer of the app", r, r.Properties.AuthorizerId)
}

func (p *Plan) apiByID(id string) *API {
	for _, a := range p.APIs {
		if a.ID == id {
			return a
		}
	}
	return nil
}
