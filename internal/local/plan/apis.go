package plan

import (
	"fmt"
	"strings"
	"time"
)

// API is a WebSocket API with its routes and stages. link connects them.
type API struct {
	*Resource
	ID        string
	Selection string // the route selection expression
	Routes    []*Route
	Stages    []*Stage
}

type apiProperties struct {
	ProtocolType             string
	RouteSelectionExpression string
}

func (p *Plan) addAPI(r *Resource, values map[string]any) ([]string, error) {
	var properties apiProperties
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	if properties.ProtocolType != "WEBSOCKET" {
		return nil, fmt.Errorf("invalid ProtocolType %q: expected WEBSOCKET; %s", properties.ProtocolType, generalRemedy)
	}
	a := &API{
		Resource:  r,
		ID:        shortID(10, r.stack.Name, r.LogicalID),
		Selection: properties.RouteSelectionExpression,
	}
	r.refer(a.ID, "")
	r.attributes["ApiId"] = a.ID
	r.attributes["ApiEndpoint"] = "wss://" + a.host()
	p.APIs = append(p.APIs, a)
	return ignored, nil
}

// host is the API's domain name on AWS.
func (a *API) host() string { return a.ID + ".execute-api." + Region + "." + urlSuffix }

// Stage is a stage: the first segment of the path of the API's URL.
type Stage struct {
	*Resource
	Properties StageProperties
}

// StageProperties are the properties of AWS::ApiGatewayV2::Stage that run locally.
type StageProperties struct {
	ApiId     string
	StageName string

	StageVariables       map[string]Scalar
	DefaultRouteSettings routeSettings
	RouteSettings        map[string]routeSettings
}

func (p *Plan) addStage(r *Resource, values map[string]any) ([]string, error) {
	s := &Stage{Resource: r}
	ignored, err := decode(values, &s.Properties)
	if err != nil {
		return nil, err
	}
	r.refer(s.Properties.StageName, "")
	p.Stages = append(p.Stages, s)
	return ignored, nil
}

// Integration is what a route calls: a function or a mock.
type Integration struct {
	*Resource
	id         string
	properties integrationProperties
	Function   *Function // nil for a mock
}

type integrationProperties struct {
	ApiId            string
	IntegrationType  string
	IntegrationUri   string
	TimeoutInMillis  Integer
	RequestTemplates map[string]string

	TemplateSelectionExpression string
}

func (p *Plan) addIntegration(r *Resource, values map[string]any) ([]string, error) {
	i := &Integration{Resource: r, id: shortID(7, r.stack.Name, r.LogicalID)}
	ignored, err := decode(values, &i.properties)
	if err != nil {
		return nil, err
	}
	if kind := i.properties.IntegrationType; kind != "AWS_PROXY" && kind != "MOCK" {
		return nil, fmt.Errorf("invalid IntegrationType %q: expected AWS_PROXY to a Lambda function, or MOCK; %s", kind, generalRemedy)
	}
	r.refer(i.id, "")
	r.attributes["IntegrationId"] = i.id
	p.integrations = append(p.integrations, i)
	return ignored, nil
}

// Timeout is the integration's timeout, or 0 for API Gateway's default.
func (i *Integration) Timeout() time.Duration {
	return time.Duration(i.properties.TimeoutInMillis) * time.Millisecond
}

// link finds the function that the integration's URI names.
func (i *Integration) link(p *Plan) error {
	if i.properties.IntegrationType == "MOCK" {
		return nil
	}
	if i.Function = p.functionByURI(i.properties.IntegrationUri); i.Function == nil {
		return fmt.Errorf("%s: invalid IntegrationUri %q: expected the URI of a function in the app; %s", i, i.properties.IntegrationUri, outsideRemedy)
	}
	return nil
}

// functionByURI finds the function that API Gateway calls at an invocation URI.
func (p *Plan) functionByURI(uri string) *Function {
	_, name, _ := strings.Cut(uri, ":lambda:path/2015-03-31/functions/")
	name, isFunction := strings.CutSuffix(name, "/invocations")
	if !isFunction {
		return nil
	}
	return p.functionByName(name)
}
