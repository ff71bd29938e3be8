package local

import (
	"fmt"
	"strings"
	"time"
)

// api is a WebSocket API with what belongs to it, joined by plan.link.
type api struct {
	*resource
	id        string
	selection string // the route selection expression
	routes    []*route
	stages    []*apiStage
}

type apiProperties struct {
	ProtocolType             string
	RouteSelectionExpression string
}

func (p *plan) addAPI(r *resource, values map[string]any) ([]string, error) {
	var properties apiProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	if properties.ProtocolType != "WEBSOCKET" {
		return nil, fmt.Errorf("its protocol %s does not run locally, only WEBSOCKET does: %s", properties.ProtocolType, generalRemedy)
	}
	a := &api{
		resource:  r,
		id:        shortID(10, r.stack.Name, r.logicalID),
		selection: properties.RouteSelectionExpression,
	}
	r.refer(a.id, "")
	r.attributes["ApiId"] = a.id
	r.attributes["ApiEndpoint"] = "wss://" + a.host()
	p.apis = append(p.apis, a)
	return ignored, nil
}

// host is the API's domain name on AWS.
func (a *api) host() string { return a.id + ".execute-api." + region + "." + urlSuffix }

// apiStage is a stage: the part of the API's URL under which it can be reached.
type apiStage struct {
	*resource
	properties apiStageProperties
}

type apiStageProperties struct {
	ApiId     string
	StageName string

	StageVariables       map[string]scalar
	DefaultRouteSettings routeSettings
	RouteSettings        map[string]routeSettings
}

func (p *plan) addStage(r *resource, values map[string]any) ([]string, error) {
	s := &apiStage{resource: r}
	ignored, err := decode(values, &s.properties)
	if err != nil {
		return nil, err
	}
	r.refer(s.properties.StageName, "")
	p.stages = append(p.stages, s)
	return ignored, nil
}

// integration is what a route calls.
type integration struct {
	*resource
	id         string
	properties integrationProperties
	function   *function // nil for a mock
}

type integrationProperties struct {
	ApiId            string
	IntegrationType  string
	IntegrationUri   string
	TimeoutInMillis  integer
	RequestTemplates map[string]string

	TemplateSelectionExpression string
}

func (p *plan) addIntegration(r *resource, values map[string]any) ([]string, error) {
	i := &integration{resource: r, id: shortID(7, r.stack.Name, r.logicalID)}
	ignored, err := decode(values, &i.properties)
	if err != nil {
		return nil, err
	}
	if kind := i.properties.IntegrationType; kind != "AWS_PROXY" && kind != "MOCK" {
		return nil, fmt.Errorf("its type %s does not run locally, only AWS_PROXY to a Lambda function and MOCK do: %s", kind, generalRemedy)
	}
	r.refer(i.id, "")
	r.attributes["IntegrationId"] = i.id
	p.integrations = append(p.integrations, i)
	return ignored, nil
}

// timeout is the integration's own, or 0 for API Gateway's default.
func (i *integration) timeout() time.Duration {
	return time.Duration(i.properties.TimeoutInMillis) * time.Millisecond
}

// link finds the function that the integration's URI names.
func (i *integration) link(p *plan) error {
	if i.properties.IntegrationType == "MOCK" {
		return nil
	}
	if i.function = p.functionByURI(i.properties.IntegrationUri); i.function == nil {
		return fmt.Errorf("%s: its URI %q names no function of the app: %s", i, i.properties.IntegrationUri, outsideRemedy)
	}
	return nil
}

// functionByURI finds the function that API Gateway calls at an invocation URI.
func (p *plan) functionByURI(uri string) *function {
	_, name, _ := strings.Cut(uri, ":lambda:path/2015-03-31/functions/")
	name, isFunction := strings.CutSuffix(name, "/invocations")
	if !isFunction {
		return nil
	}
	return p.functionByName(name)
}
