package local

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// route is a route of an API.
type route struct {
	*resource
	id          string
	properties  routeProperties
	integration *integration // nil: none, the message is just accepted
	authorizer  *authorizer  // nil: none; of $connect only
	// twoWay routes send what the function returns.
	twoWay bool
}

type routeProperties struct {
	ApiId                            string
	RouteKey                         string
	Target                           string
	AuthorizationType                string
	AuthorizerId                     string
	RouteResponseSelectionExpression string
}

// guarded says whether the route is for those who pass an authorizer, or IAM.
func (r *route) guarded() bool {
	return r.authorizer != nil || r.properties.AuthorizationType == "AWS_IAM"
}

func (p *plan) addRoute(r *resource, values map[string]any) ([]string, error) {
	e := &route{resource: r, id: shortID(7, r.stack.Name, r.logicalID)}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	switch kind := e.properties.AuthorizationType; {
	case kind == "" || kind == "NONE":
	case kind == "CUSTOM" || kind == "AWS_IAM":
		if key := e.properties.RouteKey; key != "$connect" {
			return nil, fmt.Errorf("its authorization %s is of no use on the route %s: only $connect can have one", kind, key)
		}
	default:
		return nil, fmt.Errorf("its authorization %s is none that a WebSocket API can have: use NONE, CUSTOM or AWS_IAM", kind)
	}
	r.refer(e.id, "")
	r.attributes["RouteId"] = e.id
	p.routes = append(p.routes, e)
	return ignored, nil
}

// routeResponse makes a route two-way, together with the route's own
// selection expression: AWS needs both.
type routeResponse struct {
	*resource
	properties routeResponseProperties
}

type routeResponseProperties struct {
	ApiId            string
	RouteId          string
	RouteResponseKey string
}

func (p *plan) addRouteResponse(r *resource, values map[string]any) ([]string, error) {
	e := &routeResponse{resource: r}
	ignored, err := decode(values, &e.properties)
	if err != nil {
		return nil, err
	}
	id := shortID(7, r.stack.Name, r.logicalID)
	r.refer(id, "")
	r.attributes["RouteResponseId"] = id
	p.routeResponses = append(p.routeResponses, e)
	return ignored, nil
}

// link joins what the template ties together by ids only: routes, stages and
// integrations to their APIs, event sources to both of their ends, rules to their functions.
func (p *plan) link() error {
	// A stack that another one imports from was resolved before its turn.
	slices.SortStableFunc(p.apis, func(a, b *api) int {
		return slices.Index(p.stacks, a.stack.top()) - slices.Index(p.stacks, b.stack.top())
	})
	var broken []error
	for _, i := range p.integrations {
		broken = append(broken, i.link(p))
	}
	for _, z := range p.authorizers {
		broken = append(broken, z.link(p))
	}
	broken = append(broken, p.linkTables()...)
	for _, q := range p.queues {
		broken = append(broken, q.link(p))
	}
	for _, s := range p.sources {
		broken = append(broken, s.link(p))
	}
	for _, e := range p.rules {
		broken = append(broken, e.link(p))
	}
	for _, r := range p.routes {
		broken = append(broken, r.link(p))
	}
	for _, s := range p.stages {
		a := p.apiByID(s.properties.ApiId)
		if a == nil {
			broken = append(broken, fmt.Errorf("%s: there is no API %q in the app", s, s.properties.ApiId))
			continue
		}
		a.stages = append(a.stages, s)
	}
	p.linkRoles()
	return errors.Join(broken...)
}

func (r *route) link(p *plan) error {
	a := p.apiByID(r.properties.ApiId)
	if a == nil {
		return fmt.Errorf("%s: there is no API %q in the app", r, r.properties.ApiId)
	}
	a.routes = append(a.routes, r)
	if err := errors.Join(r.linkTarget(p), r.linkAuthorizer(p)); err != nil {
		return err
	}
	for _, response := range p.routeResponses {
		if response.properties.RouteId == r.id && response.properties.RouteResponseKey == "$default" {
			r.twoWay = r.properties.RouteResponseSelectionExpression == "$default"
		}
	}
	if r.twoWay && r.integration != nil && r.integration.properties.IntegrationType == "MOCK" {
		return fmt.Errorf("%s: the response of a MOCK integration does not run locally: answer from a Lambda function, or make the route one-way", r)
	}
	return nil
}

// linkTarget finds the integration that the route names, if it names one.
func (r *route) linkTarget(p *plan) error {
	if r.properties.Target == "" {
		return nil
	}
	id := strings.TrimPrefix(r.properties.Target, "integrations/")
	for _, i := range p.integrations {
		if i.id == id {
			r.integration = i
			return nil
		}
	}
	return fmt.Errorf("%s: its target %q is no integration of the app", r, r.properties.Target)
}

// linkAuthorizer finds the authorizer that the route names, if it needs one.
func (r *route) linkAuthorizer(p *plan) error {
	if r.properties.AuthorizationType != "CUSTOM" {
		return nil
	}
	for _, z := range p.authorizers {
		if z.id == r.properties.AuthorizerId {
			r.authorizer = z
			return nil
		}
	}
	return fmt.Errorf("%s: its authorizer %q is none of the app", r, r.properties.AuthorizerId)
}

func (p *plan) apiByID(id string) *api {
	for _, a := range p.apis {
		if a.id == id {
			return a
		}
	}
	return nil
}
